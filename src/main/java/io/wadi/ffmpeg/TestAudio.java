package io.wadi.ffmpeg;

/** What sounds with a test picture. */
public enum TestAudio {
    sine,
    none
}
