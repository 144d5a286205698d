/**
 * The {@code ffmpeg:} component: FFmpeg as a supervised child process whose MPEG-TS comes out of a
 * pipe into a ring. FFmpeg is the configured one, one on the PATH, or the one in the jar.
 */
package io.wadi.ffmpeg;
