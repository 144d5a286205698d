/**
 * What the REST routes in {@code routes/api.yaml} call: plain beans that answer with the envelopes
 * of the contract. {@code docs/API.md} and {@code /swagger/} describe the surface.
 */
package io.wadi.api;
