package io.wadi.http;

import java.util.Optional;

/**
 * What a player asked for below a stream's code. Names are decoded; no path ever contains {@code
 * ..} or a backslash.
 */
public interface MediaRequest {
    /** The stream's code. */
    String code();

    /**
     * Below the code, without a leading slash: {@code index.m3u8}, {@code track_1/seg_000001.ts},
     * {@code mpegts}.
     */
    String path();

    /** The first value of a query parameter. */
    Optional<String> query(String name);

    /** A request header. */
    Optional<String> header(String name);

    /** The player's address, behind a trusted proxy the one that the proxy names. */
    String remoteAddress();

    boolean isHead();
}
