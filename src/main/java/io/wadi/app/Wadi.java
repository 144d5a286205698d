package io.wadi.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the server. */
@SpringBootApplication
public class Wadi {
    public static void main(String[] args) {
        SpringApplication.run(Wadi.class, args);
    }
}
