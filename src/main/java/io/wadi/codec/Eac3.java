package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Collects the substreams of one E-AC-3 access unit for {@code dec3} (ETSI TS 102 366 §F.6). */
final class Eac3 {
    /** substreamid has three bits. */
    private static final int MAX_SUBSTREAMS = 8;

    private static final int TYPE_DEPENDENT = 1;

    /** Channels of each chan_loc bit, from bit 0: pairs, Cs, Ts, pairs, Cvh, LFE2 (§F.6.2.13). */
    private static final int[] LOCATION_CHANNELS = {2, 2, 1, 1, 2, 2, 2, 1, 1};

    private final ByteBuf unit;
    private final int[] fscod = new int[MAX_SUBSTREAMS];
    private final int[] bsid = new int[MAX_SUBSTREAMS];
    private final int[] acmod = new int[MAX_SUBSTREAMS];
    private final int[] lfeon = new int[MAX_SUBSTREAMS];
    private final int[] dependents = new int[MAX_SUBSTREAMS];
    private final int[] locations = new int[MAX_SUBSTREAMS];
    private int programmes;

    Eac3(ByteBuf unit) {
        this.unit = unit;
    }

    AudioFormat format() throws MalformedException {
        int start = unit.readerIndex();
        int to = unit.writerIndex();
        int bytes = 0;
        int index = start;
        for (int size; (size = Ac3.frameSize(unit, index, to)) > 0; index += size) {
            if (!Ac3.isEac3(unit, index) || !substream(index, Math.min(size, to - index))) {
                break;
            }
            bytes += size;
        }
        int rate = Ac3.sampleRate(unit, start);
        int samples = Ac3.samples(unit, start);
        // Rounded: frame sizes alternate around the nominal rate at 44.1 kHz.
        long kbps = (8L * bytes * rate / samples + 500) / 1000;
        return new AudioFormat(
                CodecId.EAC3,
                rate,
                Ac3.channels(acmod[0], lfeon[0]) + extraChannels(locations[0]),
                samples,
                record((int) Math.min(kbps, 0x1FFF)),
                "ec-3");
    }

    /** Channels that dependent substreams add to those of their programme. */
    static int extraChannels(int locations) {
        int channels = 0;
        for (int bit = 0; bit < LOCATION_CHANNELS.length; bit++) {
            channels += (locations >> bit & 1) * LOCATION_CHANNELS[bit];
        }
        return channels;
    }

    /**
     * @return false when this frame starts the next access unit
     */
    private boolean substream(int index, int size) throws MalformedException {
        BitReader in = BitReader.of("E-AC-3", unit, index + 2, size - 2);
        int type = in.bits(2);
        int id = in.bits(3);
        in.skip(11); // frmsiz
        int rateCode = in.bits(2);
        in.skip(2); // fscod2 or numblkscod
        int mode = in.bits(3);
        int lfe = in.bits(1);
        int version = in.bits(5);
        if (type != TYPE_DEPENDENT) {
            if ((programmes > 0 && id == 0) || programmes == MAX_SUBSTREAMS) {
                return false;
            }
            fscod[programmes] = rateCode;
            bsid[programmes] = version;
            acmod[programmes] = mode;
            lfeon[programmes] = lfe;
            programmes++;
            return true;
        }
        if (programmes == 0) {
            throw new MalformedException(
                    "E-AC-3 access unit", "a dependent substream first", "an independent one");
        }
        dependents[programmes - 1] = Math.min(dependents[programmes - 1] + 1, 15);
        in.skip(5); // dialnorm
        in.skip(in.flag() ? 8 : 0); // compr
        if (mode == 0) {
            in.skip(5); // dialnorm2
            in.skip(in.flag() ? 8 : 0); // compr2
        }
        if (in.flag()) {
            locations[programmes - 1] |= locations(in.bits(16));
        }
        return true;
    }

    /** chanmap (§E.1.3.1.8), L in its most significant bit, to chan_loc (§F.6.2.13). */
    private static int locations(int chanmap) {
        // Lc/Rc is bit 5 of chanmap from the left and bit 0 of chan_loc from the right, and so on
        // to Cvh; LFE2 is bit 14.
        int reversed = Integer.reverse(chanmap) >>> 16;
        return (reversed >> 5 & 0xFF) | (reversed >> 14 & 1) << 8;
    }

    private CodecConfig record(int kbps) {
        ByteBuf out = Unpooled.buffer(16);
        BitWriter bits = new BitWriter(out).bits(13, kbps).bits(3, programmes - 1);
        for (int i = 0; i < programmes; i++) {
            bits.bits(2, fscod[i]).bits(5, bsid[i]).bits(2, 0); // reserved(1) asvc(1)
            bits.bits(3, 0).bits(3, acmod[i]).bits(1, lfeon[i]).bits(3, 0);
            bits.bits(4, dependents[i]);
            if (dependents[i] > 0) {
                bits.bits(9, locations[i]);
            } else {
                bits.bits(1, 0);
            }
        }
        bits.align();
        return CodecConfig.copyOf(out);
    }
}
