/**
 * Action Message Format, both generations, as RTMP commands and FLV script tags carry it: a small
 * value model, bounded decoders, encoders. AMF 0 specification (December 2007), AMF 3 specification
 * (January 2013).
 */
package io.wadi.amf;
