/**
 * MPEG transport streams: packets, PSI, PES, demultiplexer, multiplexer and time stamps, byte by
 * byte and without sockets, clocks or threads. ISO/IEC 13818-1:2019, ETSI EN 300 468 V1.16.1 and
 * ETSI TS 101 154 V2.6.1 (descriptors), ATSC A/52 Annex A, the Opus in TS draft of the opus-codec
 * project.
 */
package io.wadi.ts;
