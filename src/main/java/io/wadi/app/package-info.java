/**
 * The server: Spring Boot as the assembly of the components, the configuration and its validation,
 * the HTTP port, health, metrics and the live page. Wiring only; what streams do lives in the other
 * packages.
 */
package io.wadi.app;
