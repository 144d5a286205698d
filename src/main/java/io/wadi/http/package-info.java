/**
 * Media on the HTTP port: what is served below a stream's code, on the Vert.x router that also
 * carries the API, without copying a segment's bytes. Specifications: RFC 9110 (HTTP semantics:
 * ranges, conditional requests), RFC 9112 (HTTP/1.1), RFC 3986 (URIs), the Fetch standard (CORS).
 */
package io.wadi.http;
