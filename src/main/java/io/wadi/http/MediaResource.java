package io.wadi.http;

/** Serves some of the paths below a stream's code. Called on an event loop: must not block. */
@FunctionalInterface
public interface MediaResource {
    /**
     * @return false when this resource has nothing at that path (another one is asked then); true
     *     when the response was or will be given
     */
    boolean serve(MediaRequest request, MediaResponse response);
}
