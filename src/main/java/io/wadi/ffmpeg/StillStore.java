package io.wadi.ffmpeg;

import io.netty.buffer.Unpooled;
import io.wadi.http.ContentTag;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;

import java.nio.ByteBuffer;
import java.util.Optional;

/** The newest still picture of a stream, at {@code /{code}/thumbnail.jpg}. */
final class StillStore implements MediaResource {
    private static final String PATH = "thumbnail.jpg";
    private static final String TYPE = "image/jpeg";

    private record Still(ByteBuffer jpeg, String etag) {}

    private final Optional<StillFile> file;
    private volatile Still newest;

    /**
     * @param file where pictures are kept, too
     */
    StillStore(Optional<StillFile> file) {
        this.file = file;
    }

    /** Takes a picture; called by one thread, which may wait for a disk. */
    void put(byte[] jpeg) {
        newest = new Still(ByteBuffer.wrap(jpeg).asReadOnlyBuffer(), ContentTag.of(jpeg));
        file.ifPresent(f -> f.put(jpeg));
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
        response.send(
                TYPE,
                MediaResponse.CachePolicy.PLAYLIST,
                still.etag(),
                Unpooled.wrappedBuffer(still.jpeg().duplicate()));
        return true;
    }
}
