package io.wadi.ffmpeg;

import io.netty.buffer.Unpooled;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;

import java.nio.ByteBuffer;

/** The newest still picture of a stream, at {@code /{code}/thumbnail.jpg}. */
final class StillStore implements MediaResource {
    private static final String PATH = "thumbnail.jpg";
    private static final String TYPE = "image/jpeg";

    private record Still(ByteBuffer jpeg, long number) {}

    private volatile Still newest;

    /** Takes a picture; called by one thread. */
    void put(byte[] jpeg) {
        Still before = newest;
        newest =
                new Still(
                        ByteBuffer.wrap(jpeg).asReadOnlyBuffer(),
                        before == null ? 1 : before.number() + 1);
    }

    @Override
    public boolean serve(MediaRequest request, MediaResponse response) {
        Still still = newest;
        if (!request.path().equals(PATH)) {
            return false;
        }
        if (still == null) {
            response.notFound("no thumbnail was taken yet");
            return true;
        }
        String etag = Integer.toHexString(System.identityHashCode(this)) + "-" + still.number();
        response.send(
                TYPE,
                MediaResponse.CachePolicy.PLAYLIST,
                etag,
                Unpooled.wrappedBuffer(still.jpeg().duplicate()));
        return true;
    }
}
