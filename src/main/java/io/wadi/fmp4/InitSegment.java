package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;
import io.netty.util.CharsetUtil;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.VideoFormat;

import java.util.List;

/**
 * Writes init segments: what a player needs before the first fragment.
 *
 * <pre>
 * ftyp iso6 (iso6 cmfc dash)
 * moov
 *   mvhd
 *   trak                     one a track
 *     tkhd
 *     mdia
 *       mdhd hdlr
 *       minf
 *         vmhd | smhd
 *         dinf dref url
 *         stbl stsd stts stsc stsz stco   (sample description; the tables are empty)
 *   mvex
 *     trex                   one a track
 * </pre>
 */
public final class InitSegment {
    private static final int MOVIE_TIMESCALE = 1000;
    private static final int ONE_16_16 = 0x00010000;
    private static final int ONE_2_30 = 0x40000000;

    /** Track_enabled, track_in_movie (ISO/IEC 14496-12 §8.3.2.3). */
    private static final int TKHD_FLAGS = 0x000003;

    /** Media data is in the same file. */
    private static final int URL_SELF_CONTAINED = 0x000001;

    private static final int FULL_VOLUME = 0x0100;

    private InitSegment() {}

    /**
     * Appends an init segment.
     *
     * @param out borrowed, grows as needed
     * @param tracks at least one, with different ids
     */
    public static void write(ByteBuf out, List<Fmp4Track> tracks) {
        if (tracks.isEmpty()) {
            throw new IllegalArgumentException("an init segment without a track");
        }
        int ftyp = BoxWriter.begin(out, FourCc.FTYP);
        out.writeInt(FourCc.ISO6).writeInt(0);
        out.writeInt(FourCc.ISO6).writeInt(FourCc.CMFC).writeInt(FourCc.DASH);
        BoxWriter.end(out, ftyp);
        int moov = BoxWriter.begin(out, FourCc.MOOV);
        int nextId = tracks.stream().mapToInt(Fmp4Track::id).max().getAsInt() + 1;
        writeMvhd(out, nextId);
        for (Fmp4Track track : tracks) {
            writeTrak(out, track);
        }
        int mvex = BoxWriter.begin(out, FourCc.MVEX);
        for (Fmp4Track track : tracks) {
            int trex = BoxWriter.begin(out, FourCc.TREX, 0, 0);
            out.writeInt(track.id()).writeInt(1).writeInt(0).writeInt(0).writeInt(0);
            BoxWriter.end(out, trex);
        }
        BoxWriter.end(out, mvex);
        BoxWriter.end(out, moov);
    }

    private static void writeMvhd(ByteBuf out, int nextTrackId) {
        int mvhd = BoxWriter.begin(out, FourCc.MVHD, 0, 0);
        out.writeInt(0).writeInt(0); // creation_time, modification_time
        out.writeInt(MOVIE_TIMESCALE).writeInt(0);
        out.writeInt(ONE_16_16).writeShort(FULL_VOLUME); // rate, volume
        out.writeZero(10);
        writeUnityMatrix(out);
        out.writeZero(24).writeInt(nextTrackId);
        BoxWriter.end(out, mvhd);
    }

    private static void writeTrak(ByteBuf out, Fmp4Track track) {
        int trak = BoxWriter.begin(out, FourCc.TRAK);
        writeTkhd(out, track);
        int mdia = BoxWriter.begin(out, FourCc.MDIA);
        int mdhd = BoxWriter.begin(out, FourCc.MDHD, 0, 0);
        out.writeInt(0).writeInt(0).writeInt(track.timescale()).writeInt(0);
        out.writeShort(packLanguage(track.language())).writeShort(0);
        BoxWriter.end(out, mdhd);
        boolean video = track.format() instanceof VideoFormat;
        int hdlr = BoxWriter.begin(out, FourCc.HDLR, 0, 0);
        out.writeInt(0).writeInt(video ? FourCc.VIDE : FourCc.SOUN).writeZero(12);
        out.writeCharSequence(video ? "video\0" : "audio\0", CharsetUtil.US_ASCII);
        BoxWriter.end(out, hdlr);
        writeMinf(out, track, video);
        BoxWriter.end(out, mdia);
        BoxWriter.end(out, trak);
    }

    private static void writeTkhd(ByteBuf out, Fmp4Track track) {
        int tkhd = BoxWriter.begin(out, FourCc.TKHD, 0, TKHD_FLAGS);
        out.writeInt(0).writeInt(0).writeInt(track.id()).writeInt(0).writeInt(0);
        out.writeZero(8).writeShort(0); // reserved, layer
        switch (track.format()) {
            case VideoFormat video -> {
                out.writeShort(0).writeShort(0).writeShort(0); // alternate_group, volume, reserved
                writeUnityMatrix(out);
                // The size as shown: tkhd is after the sample aspect ratio, the entry before it.
                long width =
                        (long) video.width() * video.sarWidth() / Math.max(1, video.sarHeight());
                out.writeInt((int) Math.min(width, 0xFFFF) << 16).writeInt(video.height() << 16);
            }
            case AudioFormat audio -> {
                out.writeShort(1).writeShort(FULL_VOLUME).writeShort(0);
                writeUnityMatrix(out);
                out.writeInt(0).writeInt(0);
            }
        }
        BoxWriter.end(out, tkhd);
    }

    private static void writeMinf(ByteBuf out, Fmp4Track track, boolean video) {
        int minf = BoxWriter.begin(out, FourCc.MINF);
        if (video) {
            int vmhd = BoxWriter.begin(out, FourCc.VMHD, 0, 1);
            out.writeLong(0); // graphicsmode, opcolor
            BoxWriter.end(out, vmhd);
        } else {
            int smhd = BoxWriter.begin(out, FourCc.SMHD, 0, 0);
            out.writeInt(0); // balance, reserved
            BoxWriter.end(out, smhd);
        }
        int dinf = BoxWriter.begin(out, FourCc.DINF);
        int dref = BoxWriter.begin(out, FourCc.DREF, 0, 0);
        out.writeInt(1);
        BoxWriter.end(out, BoxWriter.begin(out, FourCc.URL, 0, URL_SELF_CONTAINED));
        BoxWriter.end(out, dref);
        BoxWriter.end(out, dinf);
        int stbl = BoxWriter.begin(out, FourCc.STBL);
        int stsd = BoxWriter.begin(out, FourCc.STSD, 0, 0);
        out.writeInt(1);
        SampleEntry.write(out, track.format());
        BoxWriter.end(out, stsd);
        writeEmptyTable(out, FourCc.STTS, 1);
        writeEmptyTable(out, FourCc.STSC, 1);
        writeEmptyTable(out, FourCc.STSZ, 2); // sample_size, sample_count
        writeEmptyTable(out, FourCc.STCO, 1);
        BoxWriter.end(out, stbl);
        BoxWriter.end(out, minf);
    }

    private static void writeEmptyTable(ByteBuf out, int type, int zeros) {
        int table = BoxWriter.begin(out, type, 0, 0);
        out.writeZero(zeros * Integer.BYTES);
        BoxWriter.end(out, table);
    }

    private static void writeUnityMatrix(ByteBuf out) {
        out.writeInt(ONE_16_16).writeInt(0).writeInt(0);
        out.writeInt(0).writeInt(ONE_16_16).writeInt(0);
        out.writeInt(0).writeInt(0).writeInt(ONE_2_30);
    }

    /** pad(1) and three letters of five bits each, 'a' is 1 (ISO/IEC 14496-12 §8.4.2.3). */
    private static int packLanguage(String language) {
        String code = isLanguage(language) ? language : "und";
        return ((code.charAt(0) - 0x60) << 10)
                | ((code.charAt(1) - 0x60) << 5)
                | (code.charAt(2) - 0x60);
    }

    private static boolean isLanguage(String language) {
        return language.length() == 3 && language.chars().allMatch(c -> c >= 'a' && c <= 'z');
    }
}
