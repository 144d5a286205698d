/**
 * Where stream documents are kept. The default driver keeps one YAML file per stream, which people
 * may edit while the server runs.
 */
package io.wadi.store;
