/**
 * Matroska, written only: the header and a cluster for each access unit, for who reads a stream
 * without end.
 *
 * <p>Specs: RFC 8794 (EBML), RFC 9559 (Matroska), Matroska Codec Specifications
 * (draft-ietf-cellar-codec), AV1 in Matroska 1.0.
 */
package io.wadi.matroska;
