package io.wadi.dash;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.lindstrom.mpd.MPDParser;
import io.lindstrom.mpd.data.MPD;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;

import java.util.zip.CRC32C;

/** A rendered MPD, open at one place: the address of the clock, which each player has its own. */
final class MpdDocument {
    /** What stands for the address of the clock in a built MPD. */
    static final String TIME_URL = "urn:wadi:time-url";

    private static final MPDParser WRITER = new MPDParser();

    private final long change;
    private final byte[] before;
    private final byte[] after;
    private final String hash;

    private MpdDocument(long change, byte[] before, byte[] after) {
        this.change = change;
        this.before = before;
        this.after = after;
        CRC32C crc = new CRC32C();
        crc.update(before);
        crc.update(after);
        this.hash = Long.toHexString(crc.getValue()) + "-" + Long.toHexString(change);
    }

    static MpdDocument empty(long change) {
        return new MpdDocument(change, new byte[0], new byte[0]);
    }

    static MpdDocument of(MPD mpd, long change) {
        String text;
        try {
            text = WRITER.writeAsString(mpd);
        } catch (JsonProcessingException e) {
            throw new UnwritableException(e);
        }
        int at = text.indexOf(TIME_URL);
        return new MpdDocument(
                change,
                text.substring(0, at).getBytes(CharsetUtil.UTF_8),
                text.substring(at + TIME_URL.length()).getBytes(CharsetUtil.UTF_8));
    }

    /** The number of the change that it shows. */
    long change() {
        return change;
    }

    boolean isEmpty() {
        return before.length == 0;
    }

    /**
     * The whole text; owned by the caller.
     *
     * @param url with nothing in it that XML would have to escape
     */
    ByteBuf withTimeUrl(String url) {
        return Unpooled.wrappedBuffer(before, url.getBytes(CharsetUtil.US_ASCII), after);
    }

    String etag(String timeUrl) {
        return hash + "-" + Integer.toHexString(timeUrl.hashCode());
    }

    /** An MPD that the library refuses to write: a bug, not an input. */
    static final class UnwritableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnwritableException(JsonProcessingException cause) {
            super(cause);
        }
    }
}
