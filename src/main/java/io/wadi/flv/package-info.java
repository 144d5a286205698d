/**
 * Flash Video: files, tags, and the audio and video tag bodies that RTMP messages share with them.
 * Adobe Flash Video File Format Specification 10.1, Annex E; Enhanced RTMP v1 (2023) and v2 (2025).
 */
package io.wadi.flv;
