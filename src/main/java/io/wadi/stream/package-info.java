/**
 * What streams should be and the machinery that makes them so: the stream document, the function
 * from a document to its routes, and the one reconciler that starts and stops Camel routes by
 * difference. See {@code docs/STREAMS.md}.
 */
package io.wadi.stream;
