/**
 * Files on disk that are whole at any time: rename(2) in POSIX.1-2017. Knows nothing of ours;
 * whoever writes files uses it.
 */
package io.wadi.disk;
