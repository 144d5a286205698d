package io.wadi.rtmp;

/** What happens to a publisher of a name that has one already. */
@SuppressWarnings("checkstyle:ConstantName")
public enum OnPublish {
    /** The second one is refused. */
    reject,
    /** The first one is closed. */
    takeover
}
