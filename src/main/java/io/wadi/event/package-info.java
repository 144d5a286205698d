/**
 * What happened, and who is told: one in-process bus. Event types and payloads are those of the
 * hooks' envelope; subscribers are hooks, history, metrics and the live page.
 */
package io.wadi.event;
