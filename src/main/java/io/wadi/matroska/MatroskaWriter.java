package io.wadi.matroska;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.codec.Opus;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;

import java.util.List;

/**
 * Writes everything of a live Matroska stream but the bytes of its frames, which follow the head of
 * their cluster as they are. Allocates nothing for a frame.
 *
 * <pre>
 * EBML                       DocType matroska
 * Segment                    without end
 *   Info                     TimestampScale
 *   Tracks
 *     TrackEntry             one a track
 *   Cluster                  one a frame
 *     Timestamp              of the frame
 *     SimpleBlock            track number, 0, flags; the frame follows
 * </pre>
 *
 * <p>A cluster has one frame, because a block is at most 32767 units of time away from its
 * cluster's, which is 33 ms here.
 */
public final class MatroskaWriter {
    /** Units of time a second: with microseconds no tick of 90 kHz is mistaken for another. */
    public static final int TIMESCALE = 1_000_000;

    private static final long NANOS_PER_UNIT = 1_000_000_000L / TIMESCALE;

    private static final int EBML = 0x1A45DFA3;
    private static final int DOC_TYPE = 0x4282;
    private static final int DOC_TYPE_VERSION = 0x4287;
    private static final int DOC_TYPE_READ_VERSION = 0x4285;

    private static final int SEGMENT = 0x18538067;
    private static final int INFO = 0x1549A966;
    private static final int TIMESTAMP_SCALE = 0x2AD7B1;
    private static final int MUXING_APP = 0x4D80;
    private static final int WRITING_APP = 0x5741;

    private static final int TRACKS = 0x1654AE6B;
    private static final int TRACK_ENTRY = 0xAE;
    private static final int TRACK_NUMBER = 0xD7;
    private static final int TRACK_UID = 0x73C5;
    private static final int TRACK_TYPE = 0x83;
    private static final int FLAG_LACING = 0x9C;
    private static final int LANGUAGE = 0x22B59C;
    private static final int CODEC_ID = 0x86;
    private static final int CODEC_PRIVATE = 0x63A2;
    private static final int SEEK_PRE_ROLL = 0x56BB;
    private static final int DEFAULT_DURATION = 0x23E383;
    private static final int VIDEO = 0xE0;
    private static final int PIXEL_WIDTH = 0xB0;
    private static final int PIXEL_HEIGHT = 0xBA;
    private static final int AUDIO = 0xE1;
    private static final int SAMPLING_FREQUENCY = 0xB5;
    private static final int CHANNELS = 0x9F;

    private static final int CLUSTER = 0x1F43B675;
    private static final int TIMESTAMP = 0xE7;
    private static final int SIMPLE_BLOCK = 0xA3;

    /** Values of TrackType (RFC 9559 §5.1.4.1.3). */
    private static final int TYPE_VIDEO = 1;

    private static final int TYPE_AUDIO = 2;

    /** SimpleBlock is of version 2; CodecDelay and SeekPreRoll of version 4. */
    private static final int READ_VERSION = 2;

    private static final int VERSION = 4;

    /** Of a SimpleBlock (§10.2): the frame can be decoded without others. */
    private static final int KEYFRAME = 0x80;

    /** Track number with its marker, time beside the cluster's(16), flags. */
    private static final int BLOCK_HEADER = 4;

    private static final int BLOCK_MARKER = 0x80;

    /** What RFC 7845 §4.6 wants decoded before a place that was jumped to: 80 ms. */
    private static final long OPUS_PRE_ROLL_NANOS = 80_000_000;

    /** Where pre_skip stands in an identification header (RFC 7845 §5.1). */
    private static final int PRE_SKIP = 10;

    private static final int TIMESTAMP_SIZE =
            EbmlWriter.idBytes(TIMESTAMP) + EbmlWriter.SIZE_BYTES + Long.BYTES;

    private static final int BLOCK_HEAD_SIZE =
            EbmlWriter.idBytes(SIMPLE_BLOCK) + EbmlWriter.SIZE_BYTES + BLOCK_HEADER;

    private MatroskaWriter() {}

    /** Whether it is written here what a track of this format is. */
    public static boolean supports(TrackFormat format) {
        return switch (format.codec()) {
            case AV1, VP9, AAC, MP3, AC3, EAC3, OPUS -> true;
            case H264, H265, FLAC -> false;
        };
    }

    /**
     * Writes what comes before the first cluster.
     *
     * @param out borrowed, grows as needed
     * @param tracks at least one, with different numbers
     * @throws IllegalArgumentException for a format that {@link #supports} has not
     */
    public static void writeHeader(ByteBuf out, List<MatroskaTrack> tracks) {
        if (tracks.isEmpty()) {
            throw new IllegalArgumentException("a Matroska stream without a track");
        }
        int ebml = EbmlWriter.begin(out, EBML);
        EbmlWriter.write(out, DOC_TYPE, "matroska");
        EbmlWriter.write(out, DOC_TYPE_VERSION, VERSION);
        EbmlWriter.write(out, DOC_TYPE_READ_VERSION, READ_VERSION);
        EbmlWriter.end(out, ebml);
        EbmlWriter.beginEndless(out, SEGMENT);
        int info = EbmlWriter.begin(out, INFO);
        EbmlWriter.write(out, TIMESTAMP_SCALE, NANOS_PER_UNIT);
        EbmlWriter.write(out, MUXING_APP, "Wadi");
        EbmlWriter.write(out, WRITING_APP, "Wadi");
        EbmlWriter.end(out, info);
        int entries = EbmlWriter.begin(out, TRACKS);
        tracks.forEach(track -> writeTrack(out, track));
        EbmlWriter.end(out, entries);
    }

    private static void writeTrack(ByteBuf out, MatroskaTrack track) {
        int entry = EbmlWriter.begin(out, TRACK_ENTRY);
        EbmlWriter.write(out, TRACK_NUMBER, track.number());
        EbmlWriter.write(out, TRACK_UID, track.number());
        EbmlWriter.write(out, FLAG_LACING, 0);
        EbmlWriter.write(out, LANGUAGE, track.language().isEmpty() ? "und" : track.language());
        switch (track.format()) {
            case VideoFormat video -> writeVideo(out, video);
            case AudioFormat audio -> writeAudio(out, audio);
        }
        EbmlWriter.end(out, entry);
    }

    private static void writeVideo(ByteBuf out, VideoFormat format) {
        EbmlWriter.write(out, TRACK_TYPE, TYPE_VIDEO);
        EbmlWriter.write(out, CODEC_ID, codecId(format));
        // Of VP9 the frames say everything.
        if (format.codec() == CodecId.AV1) {
            EbmlWriter.write(out, CODEC_PRIVATE, format.config().toArray());
        }
        if (format.frameRate() > 0) {
            EbmlWriter.write(out, DEFAULT_DURATION, Math.round(1e9 / format.frameRate()));
        }
        int video = EbmlWriter.begin(out, VIDEO);
        EbmlWriter.write(out, PIXEL_WIDTH, format.width());
        EbmlWriter.write(out, PIXEL_HEIGHT, format.height());
        EbmlWriter.end(out, video);
    }

    private static void writeAudio(ByteBuf out, AudioFormat format) {
        EbmlWriter.write(out, TRACK_TYPE, TYPE_AUDIO);
        EbmlWriter.write(out, CODEC_ID, codecId(format));
        switch (format.codec()) {
            case AAC -> EbmlWriter.write(out, CODEC_PRIVATE, format.config().toArray());
            case OPUS -> {
                EbmlWriter.write(out, CODEC_PRIVATE, opusHead(format.config()));
                EbmlWriter.write(out, SEEK_PRE_ROLL, OPUS_PRE_ROLL_NANOS);
            }
            case MP3, AC3, EAC3, H264, H265, AV1, VP9, FLAC -> {}
        }
        int audio = EbmlWriter.begin(out, AUDIO);
        EbmlWriter.write(out, SAMPLING_FREQUENCY, (double) format.sampleRate());
        EbmlWriter.write(out, CHANNELS, format.channels());
        EbmlWriter.end(out, audio);
    }

    /** Nothing of a live stream is skipped: its first packet is not the first of the encoder. */
    private static byte[] opusHead(CodecConfig dOps) {
        try {
            ByteBuf head = Unpooled.wrappedBuffer(Opus.opusHead(dOps));
            head.setShortLE(PRE_SKIP, 0);
            return CodecConfig.copyOf(head).toArray();
        } catch (MalformedException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static String codecId(TrackFormat format) {
        return switch (format.codec()) {
            case AV1 -> "V_AV1";
            case VP9 -> "V_VP9";
            case AAC -> "A_AAC";
            case MP3 -> "A_MPEG/L3";
            case AC3 -> "A_AC3";
            case EAC3 -> "A_EAC3";
            case OPUS -> "A_OPUS";
            case H264, H265, FLAC ->
                    throw new IllegalArgumentException(
                            format.codec() + " is not written as Matroska here");
        };
    }

    /**
     * Writes a cluster up to its only frame, whose bytes must follow.
     *
     * @param out borrowed
     * @param time of presentation, in units of {@link #TIMESCALE}; not negative
     * @param size of the frame in bytes
     */
    public static void writeFrameHead(
            ByteBuf out, int trackNumber, long time, boolean keyFrame, int size) {
        if (time < 0 || size < 0) {
            throw new IllegalArgumentException(
                    "a frame of " + size + " bytes at " + time + ", expected 0 or more");
        }
        EbmlWriter.writeHead(out, CLUSTER, TIMESTAMP_SIZE + BLOCK_HEAD_SIZE + (long) size);
        EbmlWriter.write(out, TIMESTAMP, time);
        EbmlWriter.writeHead(out, SIMPLE_BLOCK, BLOCK_HEADER + (long) size);
        out.writeByte(BLOCK_MARKER | trackNumber);
        out.writeShort(0).writeByte(keyFrame ? KEYFRAME : 0);
    }
}
