package io.wadi.store;

import com.fasterxml.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.Optional;

/**
 * A stream's document as it was from one moment on.
 *
 * @param number from 1, without gaps
 * @param author through which door it came: {@code api}, {@code file} or {@code rollback}
 * @param document without what the server keeps itself; empty when the stream was deleted
 */
public record Revision(int number, Instant at, String author, Optional<ObjectNode> document) {}
