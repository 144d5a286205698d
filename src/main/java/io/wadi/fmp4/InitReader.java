package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads init segments, ours and others'. Borrows the buffer, reads by absolute index. */
public final class InitReader {
    /** Tracks in a file: a broadcast multiplex has some dozens at most. */
    public static final int MAX_TRACKS = 64;

    /** Bytes of a configuration box: parameter sets stay far below. */
    public static final int MAX_CONFIG_SIZE = 128 * 1024;

    private static final int VISUAL_ENTRY_FIELDS = 78;
    private static final int AUDIO_ENTRY_FIELDS = 28;
    private static final int STSD_FIELDS = 8;
    private static final int TREX_SIZE = 24;

    private static final int ES_DESCRIPTOR = 0x03;
    private static final int DECODER_CONFIG = 0x04;
    private static final int DECODER_SPECIFIC_INFO = 0x05;

    private final ByteBuf buf;
    private final List<TrackHeader> tracks = new ArrayList<>();

    private int id;
    private int timescale;
    private String language = "und";
    private int sampleEntry;
    private int objectType;
    private CodecConfig config = CodecConfig.EMPTY;
    private int width;
    private int height;
    private int channels;
    private int sampleRate;

    private InitReader(ByteBuf buf) {
        this.buf = buf;
    }

    /**
     * The tracks of the {@code moov} in the readable bytes.
     *
     * @throws MalformedException also when there is no {@code moov}
     */
    public static List<TrackHeader> read(ByteBuf buf) throws MalformedException {
        BoxReader boxes = new BoxReader(buf);
        while (boxes.next()) {
            if (boxes.type() == FourCc.MOOV) {
                InitReader reader = new InitReader(buf);
                reader.readMoov(boxes.children(0));
                return List.copyOf(reader.tracks);
            }
        }
        throw new MalformedException("init segment", "no moov", "one moov");
    }

    private void readMoov(BoxReader boxes) throws MalformedException {
        while (boxes.next()) {
            if (boxes.type() == FourCc.TRAK) {
                readTrak(boxes.children(0));
            } else if (boxes.type() == FourCc.MVEX) {
                readMvex(boxes.children(0));
            }
        }
    }

    private void readTrak(BoxReader boxes) throws MalformedException {
        if (tracks.size() == MAX_TRACKS) {
            throw new MalformedException(
                    "tracks in moov", tracks.size() + 1, "at most " + MAX_TRACKS);
        }
        forget();
        readTrakBoxes(boxes);
        if (id == 0 || timescale == 0) {
            throw new MalformedException(
                    "trak", "track_ID " + id + ", timescale " + timescale, "both above 0");
        }
        tracks.add(
                new TrackHeader(
                        id,
                        timescale,
                        language,
                        sampleEntry,
                        codec(),
                        config,
                        width,
                        height,
                        channels,
                        sampleRate,
                        0,
                        0,
                        0));
    }

    private void forget() {
        id = 0;
        timescale = 0;
        language = "und";
        sampleEntry = 0;
        objectType = 0;
        config = CodecConfig.EMPTY;
        width = 0;
        height = 0;
        channels = 0;
        sampleRate = 0;
    }

    private void readTrakBoxes(BoxReader boxes) throws MalformedException {
        while (boxes.next()) {
            int type = boxes.type();
            if (type == FourCc.MDIA || type == FourCc.MINF || type == FourCc.STBL) {
                readTrakBoxes(boxes.children(0));
            } else if (type == FourCc.TKHD) {
                // version(8) flags(24) creation_time modification_time track_ID
                boolean wide = boxes.version() == 1;
                id = buf.getInt(boxes.require(wide ? 24 : 16) + (wide ? 20 : 12));
            } else if (type == FourCc.MDHD) {
                readMdhd(boxes);
            } else if (type == FourCc.STSD) {
                readStsd(boxes.children(STSD_FIELDS));
            }
        }
    }

    private void readMdhd(BoxReader boxes) throws MalformedException {
        boolean wide = boxes.version() == 1;
        int body = boxes.require(wide ? 34 : 22);
        timescale = buf.getInt(body + (wide ? 20 : 12));
        if (timescale < 0) {
            throw new MalformedException(
                    "mdhd timescale", timescale & 0xFFFFFFFFL, "below 2147483648");
        }
        int packed = buf.getUnsignedShort(body + (wide ? 32 : 20));
        char[] letters = new char[3];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = (char) (((packed >> (5 * (2 - i))) & 0x1F) + 0x60);
        }
        language = new String(letters);
    }

    private void readStsd(BoxReader entries) throws MalformedException {
        if (!entries.next()) {
            throw new MalformedException("stsd", "no entry", "at least one");
        }
        sampleEntry = entries.type();
        if (isVisual(sampleEntry)) {
            int body = entries.require(VISUAL_ENTRY_FIELDS);
            width = buf.getUnsignedShort(body + 24);
            height = buf.getUnsignedShort(body + 26);
            readConfig(entries.children(VISUAL_ENTRY_FIELDS));
        } else if (isAudio(sampleEntry)) {
            int body = entries.require(AUDIO_ENTRY_FIELDS);
            channels = buf.getUnsignedShort(body + 16);
            sampleRate = buf.getInt(body + 24) >>> 16;
            readConfig(entries.children(AUDIO_ENTRY_FIELDS));
        }
    }

    private Optional<CodecId> codec() {
        if (sampleEntry == FourCc.AVC1 || sampleEntry == FourCc.AVC3) {
            return Optional.of(CodecId.H264);
        } else if (sampleEntry == FourCc.HVC1 || sampleEntry == FourCc.HEV1) {
            return Optional.of(CodecId.H265);
        } else if (sampleEntry == FourCc.AV01) {
            return Optional.of(CodecId.AV1);
        } else if (sampleEntry == FourCc.VP09) {
            return Optional.of(CodecId.VP9);
        } else if (sampleEntry == FourCc.MP4A) {
            return codecOfObjectType();
        } else if (sampleEntry == FourCc.MP3) {
            return Optional.of(CodecId.MP3);
        } else if (sampleEntry == FourCc.AC_3) {
            return Optional.of(CodecId.AC3);
        } else if (sampleEntry == FourCc.EC_3) {
            return Optional.of(CodecId.EAC3);
        } else if (sampleEntry == FourCc.OPUS) {
            return Optional.of(CodecId.OPUS);
        } else if (sampleEntry == FourCc.FLAC) {
            return Optional.of(CodecId.FLAC);
        }
        return Optional.empty();
    }

    /** ObjectTypeIndication (ISO/IEC 14496-1 table 5, and the registry of mp4ra.org). */
    private Optional<CodecId> codecOfObjectType() {
        return switch (objectType) {
            case 0x40, 0x66, 0x67, 0x68 -> Optional.of(CodecId.AAC); // MPEG-4, MPEG-2 profiles
            case 0x69, 0x6B -> Optional.of(CodecId.MP3); // MPEG-2, MPEG-1 audio
            case 0xA5 -> Optional.of(CodecId.AC3);
            case 0xA6 -> Optional.of(CodecId.EAC3);
            default -> Optional.empty();
        };
    }

    private static boolean isVisual(int entry) {
        return entry == FourCc.AVC1
                || entry == FourCc.AVC3
                || entry == FourCc.HVC1
                || entry == FourCc.HEV1
                || entry == FourCc.AV01
                || entry == FourCc.VP09;
    }

    private static boolean isAudio(int entry) {
        return entry == FourCc.MP4A
                || entry == FourCc.MP3
                || entry == FourCc.AC_3
                || entry == FourCc.EC_3
                || entry == FourCc.OPUS
                || entry == FourCc.FLAC;
    }

    private void readConfig(BoxReader boxes) throws MalformedException {
        while (boxes.next()) {
            int type = boxes.type();
            if (type == FourCc.ESDS) {
                readDescriptors(boxes.require(4) + 4, boxes.end());
            } else if (type == FourCc.AVCC
                    || type == FourCc.HVCC
                    || type == FourCc.AV1C
                    || type == FourCc.VPCC
                    || type == FourCc.DAC3
                    || type == FourCc.DEC3
                    || type == FourCc.DOPS
                    || type == FourCc.DFLA) {
                config = copy(boxes.bodyStart(), boxes.bodySize());
            }
        }
    }

    private CodecConfig copy(int from, int size) throws MalformedException {
        if (size > MAX_CONFIG_SIZE) {
            throw new MalformedException(
                    "decoder configuration", size + " bytes", "at most " + MAX_CONFIG_SIZE);
        }
        return CodecConfig.copyOf(buf.slice(from, size));
    }

    /** Descriptors in descriptors: ES_Descriptor, DecoderConfigDescriptor, DecoderSpecificInfo. */
    private void readDescriptors(int from, int to) throws MalformedException {
        int index = from;
        while (index < to) {
            int tag = buf.getUnsignedByte(index++);
            int size = 0;
            int more = 1;
            // sizeOfInstance: up to four bytes of seven bits (ISO/IEC 14496-1 §8.3.3)
            for (int i = 0; i < 4 && more != 0; i++) {
                if (index >= to) {
                    throw new MalformedException("descriptor size", "end of esds", "a size");
                }
                int b = buf.getUnsignedByte(index++);
                size = (size << 7) | (b & 0x7F);
                more = b & 0x80;
            }
            if (size > to - index) {
                throw new MalformedException("descriptor size", size, "at most " + (to - index));
            }
            if (tag == ES_DESCRIPTOR) {
                index += Math.min(3, size);
            } else if (tag == DECODER_CONFIG) {
                objectType = size > 0 ? buf.getUnsignedByte(index) : 0;
                index += Math.min(13, size);
            } else {
                if (tag == DECODER_SPECIFIC_INFO) {
                    config = copy(index, size);
                }
                index += size;
            }
        }
    }

    private void readMvex(BoxReader boxes) throws MalformedException {
        while (boxes.next()) {
            if (boxes.type() == FourCc.TREX) {
                int body = boxes.require(TREX_SIZE);
                int trackId = buf.getInt(body + 4);
                int duration = buf.getInt(body + 12);
                int size = buf.getInt(body + 16);
                int flags = buf.getInt(body + 20);
                tracks.replaceAll(
                        t -> t.id() == trackId ? t.withDefaults(duration, size, flags) : t);
            }
        }
    }
}
