package io.wadi.rtmp;

import io.wadi.ring.AccessUnitWriter;

/**
 * One consumer's name on a listener: at most one publisher feeds it at a time. Publishers live on
 * event loops of their own and hand over to each other here; nothing of this is on the media path.
 */
final class PublishInput {
    /** What became of an offer. */
    enum Admission {
        /** The publisher feeds the stream from now on. */
        ACCEPTED,
        /** It will be told when the one before has let go. */
        WAITING,
        BUSY,
        CLOSED
    }

    private final String path;
    private final String streamKey;
    private final OnPublish onPublish;
    private final AccessUnitWriter writer;
    private Publisher live;
    private Publisher next;
    private boolean closed;

    /**
     * @param streamKey "" when anybody may publish
     * @param writer used by the live publisher's event loop only
     */
    PublishInput(String path, String streamKey, OnPublish onPublish, AccessUnitWriter writer) {
        this.path = path;
        this.streamKey = streamKey;
        this.onPublish = onPublish;
        this.writer = writer;
    }

    String path() {
        return path;
    }

    AccessUnitWriter writer() {
        return writer;
    }

    boolean hasKey() {
        return !streamKey.isEmpty();
    }

    /** Whether the target may publish here under this input's own name. */
    boolean allows(PublishTarget target) {
        return !hasKey() || target.presents(streamKey);
    }

    /** Whether the target's name is this input's key. */
    boolean isKeyOf(PublishTarget target) {
        return hasKey()
                && target.app().equals(path.substring(0, path.indexOf('/')))
                && target.isNamed(streamKey);
    }

    /** Offers a publisher; called on its event loop. */
    synchronized Admission offer(Publisher publisher) {
        if (closed) {
            return Admission.CLOSED;
        }
        if (live == null) {
            live = publisher;
            return Admission.ACCEPTED;
        }
        if (onPublish == OnPublish.reject || next != null) {
            return Admission.BUSY;
        }
        next = publisher;
        live.yieldTo();
        return Admission.WAITING;
    }

    /** Whether another publisher takes over as soon as the live one lets go. */
    synchronized boolean hasNext() {
        return next != null;
    }

    /** A publisher that was offered is gone and will not touch the writer any more. */
    synchronized void release(Publisher publisher) {
        if (next == publisher) {
            next = null;
        } else if (live == publisher) {
            live = next;
            next = null;
            if (live != null) {
                live.granted(this);
            }
        }
    }

    /**
     * Ends this input.
     *
     * @return the publisher that feeds it, which must let go of the writer; null when there is none
     */
    synchronized Publisher close() {
        closed = true;
        Publisher last = live;
        if (next != null) {
            next.refused();
        }
        next = null;
        return last;
    }
}
