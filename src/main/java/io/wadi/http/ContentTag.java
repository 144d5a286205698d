package io.wadi.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Entity tags that are made of the content: the same bytes, the same tag (RFC 9110 §8.8.3). */
public final class ContentTag {
    private static final int BYTES = 12;

    private ContentTag() {}

    /**
     * The tag of some content, without quotes.
     *
     * @param content only read
     */
    public static String of(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
