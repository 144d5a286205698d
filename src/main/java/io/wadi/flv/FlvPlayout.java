package io.wadi.flv;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/**
 * Makes of {@link FlvMuxer}'s tags a stream that players join at any key frame: keeps the headers
 * that hold at each place where they may, and says which tags have to be led by new headers for
 * those who play already. A player so gets every header once: what came before its first tag when
 * it joins, what comes later in band. (FFmpeg 5.1 destroys the Matroska file that it copies to when
 * it is given an AAC header twice.)
 *
 * <p>Script data has no time of its own: it is sent with timestamp 0, in band too. FFmpeg takes
 * script data with any other time for a track of subtitles.
 *
 * <p>Fed by one thread; {@link #at} may be called by any.
 */
public final class FlvPlayout implements FlvMuxer.Output {
    /** Takes tags. Bodies are borrowed for the call. */
    @FunctionalInterface
    public interface Output {
        /**
         * One access unit.
         *
         * @param timestampMs never less than the one before of the same type
         * @param join whether players may start here: then {@link #mark} is called before this tag
         *     can reach them
         * @param news what those who play already must get in front of this tag
         * @return false when the tag was dropped, and the news with it
         */
        boolean onTag(int type, long timestampMs, boolean join, FlvHeaders news, ByteBuf body);
    }

    /** The headers that were sent before a place. */
    private record Mark(long position, FlvHeaders headers) {}

    /** Headers change rarely, and players join near the live edge. */
    private static final int MAX_MARKS = 8;

    private final Output output;
    private FlvHeaders current = FlvHeaders.NONE;

    /** What players have got in front of the next tag. */
    private FlvHeaders sent = FlvHeaders.NONE;

    private volatile Mark[] marks = {};
    private boolean begun;
    private boolean hasVideo;

    public FlvPlayout(Output output) {
        this.output = output;
    }

    @Override
    public void onMetadata(ByteBuf body) {
        current = current.with(FlvTags.SCRIPT, body);
    }

    @Override
    public void onSequenceHeader(int type, ByteBuf body) {
        current = current.with(type, body);
    }

    @Override
    public void onTag(int type, long timestampMs, boolean keyFrame, ByteBuf body) {
        if (!begun) {
            // Nobody can have missed these: every player starts here or later.
            begun = true;
            sent = current;
        }
        hasVideo |= type == FlvTags.VIDEO;
        boolean join = keyFrame || !hasVideo;
        if (output.onTag(type, timestampMs, join, current.beyond(sent), body)) {
            sent = current;
        }
    }

    /**
     * Notes what holds at the tag that is being written.
     *
     * @param position where this is, by any count that does not go back from one mark to the next
     */
    public void mark(long position) {
        Mark[] before = marks;
        if (before.length > 0 && before[before.length - 1].headers().equals(sent)) {
            return;
        }
        int from = before.length < MAX_MARKS ? 0 : 1;
        Mark[] after = Arrays.copyOfRange(before, from, before.length + 1);
        after[after.length - 1] = new Mark(position, sent);
        marks = after;
    }

    /** What a player must get that starts at this position. */
    public FlvHeaders at(long position) {
        Mark[] now = marks;
        int i = now.length - 1;
        while (i > 0 && now[i].position() > position) {
            i--;
        }
        return i < 0 ? FlvHeaders.NONE : now[i].headers();
    }
}
