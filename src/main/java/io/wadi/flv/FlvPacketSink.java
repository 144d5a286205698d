package io.wadi.flv;

/** Takes the packets of audio and video tags. */
@FunctionalInterface
public interface FlvPacketSink {
    /** The packet and its bytes are borrowed for the call. */
    void onPacket(FlvPacket packet);
}
