package io.wadi.app;

import org.springframework.context.annotation.Configuration;

/** The streams: their store, the reconciler and the beans behind the API. */
@Configuration(proxyBeanMethods = false)
class StreamsConfiguration {}
