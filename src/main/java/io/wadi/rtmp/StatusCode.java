package io.wadi.rtmp;

/** Codes of {@code onStatus} and {@code _error} that clients know. */
final class StatusCode {
    static final String CONNECT_SUCCESS = "NetConnection.Connect.Success";
    static final String CONNECT_REJECTED = "NetConnection.Connect.Rejected";
    static final String CALL_FAILED = "NetConnection.Call.Failed";
    static final String PUBLISH_START = "NetStream.Publish.Start";
    static final String PUBLISH_BAD_NAME = "NetStream.Publish.BadName";
    static final String PUBLISH_DENIED = "NetStream.Publish.Denied";
    static final String PUBLISH_IDLE = "NetStream.Publish.Idle";
    static final String UNPUBLISH_SUCCESS = "NetStream.Unpublish.Success";
    static final String PLAY_RESET = "NetStream.Play.Reset";
    static final String PLAY_START = "NetStream.Play.Start";
    static final String PLAY_STOP = "NetStream.Play.Stop";
    static final String PLAY_FAILED = "NetStream.Play.Failed";
    static final String PLAY_NOT_FOUND = "NetStream.Play.StreamNotFound";
    static final String PAUSE_NOTIFY = "NetStream.Pause.Notify";
    static final String UNPAUSE_NOTIFY = "NetStream.Unpause.Notify";
    static final String SEEK_NOTIFY = "NetStream.Seek.Notify";

    private StatusCode() {}
}
