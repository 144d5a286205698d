package io.wadi.rtmp;

/** Is told when publishers come and go. Called on an event loop: must not block. */
public interface PublishListener {
    /**
     * @param path app and name that the publisher feeds, as registered
     * @param peer address of the publisher
     */
    void publishing(String path, String peer);

    /**
     * @param reason why it ended, for a person
     */
    void ended(String path, String peer, String reason);
}
