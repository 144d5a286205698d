package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.FormatProbe;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ts.PictureHead;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out what the tracks of a ring carry: looks at every unit until all formats are known, then
 * only at the first few from each random access point on, where formats change. Runs on the
 * writer's thread; the result may be read by any.
 */
public final class TrackProbe implements TsDemuxer.Output {
    /** Units looked at from a random access point on: the key picture and an audio frame or two. */
    private static final int UNITS_AFTER_RANDOM_ACCESS = 8;

    /** Then a track that never shows a format (damaged, exotic) costs nothing any more. */
    private static final int UNITS_UNTIL_GIVEN_UP = 3000;

    private final TsDemuxer demuxer = new TsDemuxer(this);
    private final Map<Integer, FormatProbe> probes = new LinkedHashMap<>();
    private volatile Map<Integer, TrackFormat> formats = Map.of();
    private volatile Optional<TsProgram> program = Optional.empty();
    private final PictureHead pictureHead = new PictureHead();

    /** The newest pictures' format, also across a program that declares them anew. */
    private TrackFormat picture;

    private boolean complete;
    private int budget;
    private int looked;
    private boolean pictureChanged;

    /**
     * Looks at a unit, on the writer's thread.
     *
     * @return whether the pictures are of another codec, profile or size from this unit on
     */
    public boolean onUnit(Unit unit) {
        pictureChanged = false;
        look(unit);
        return pictureChanged;
    }

    private void look(Unit unit) {
        if (unit.isRandomAccess()) {
            budget = UNITS_AFTER_RANDOM_ACCESS;
            if (complete || looked >= UNITS_UNTIL_GIVEN_UP) {
                // Units were left out since: what is half read belongs to the past.
                demuxer.reset();
            }
        }
        boolean searching = !complete && looked < UNITS_UNTIL_GIVEN_UP;
        if (!searching && budget == 0) {
            return;
        }
        looked++;
        budget = Math.max(0, budget - 1);
        demuxer.push(unit.slab, unit.offset, unit.length);
        if (unit.isAccessUnit()) {
            demuxer.flush();
        } else if (unit.isRandomAccess()) {
            peek(unit);
        }
    }

    /**
     * A unit of a TS source has all that says what its key picture is like, not the whole of it.
     */
    private void peek(Unit unit) {
        for (TsTrack track : program.map(TsProgram::tracks).orElse(List.of())) {
            FormatProbe probe = track.isVideo() ? probes.get(track.pid()) : null;
            if (probe == null) {
                continue;
            }
            ByteBuf head = pictureHead.find(unit.slab, unit.offset, unit.length, track.pid());
            if (head.isReadable() && probe.inspect(head)) {
                publish();
            }
        }
    }

    /** The formats that are known, in the order of the program's tracks. */
    public List<TrackFormat> tracks() {
        return List.copyOf(formats.values());
    }

    /** The same by PID. */
    public Map<Integer, TrackFormat> formats() {
        return formats;
    }

    /** The program map, empty until one was seen. */
    public Optional<TsProgram> program() {
        return program;
    }

    @Override
    public void onProgram(TsProgram changed) {
        Map<Integer, FormatProbe> before = new LinkedHashMap<>(probes);
        program.map(TsProgram::tracks).orElse(List.of()).stream()
                .filter(track -> !changed.tracks().contains(track))
                .forEach(gone -> before.remove(gone.pid()));
        program = Optional.of(changed);
        probes.clear();
        for (TsTrack track : changed.tracks()) {
            track.codec()
                    .map(codec -> before.getOrDefault(track.pid(), FormatProbe.of(codec)))
                    .ifPresent(probe -> probes.put(track.pid(), probe));
        }
        looked = 0;
        publish();
    }

    @Override
    public void onAccessUnit(
            TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
        FormatProbe probe = probes.get(track.pid());
        boolean worthALook = probe != null && (randomAccess || probe.format().isEmpty());
        if (worthALook && probe.inspect(payload)) {
            publish();
        }
    }

    /** Parameter sets may differ in what no player needs to be told of. */
    private static boolean isAnother(TrackFormat before, TrackFormat now) {
        return before instanceof VideoFormat old
                && now instanceof VideoFormat picture
                && (old.width() != picture.width()
                        || old.height() != picture.height()
                        || !old.codecString().equals(picture.codecString()));
    }

    private void publish() {
        Map<Integer, TrackFormat> known = new LinkedHashMap<>();
        probes.forEach((pid, probe) -> probe.format().ifPresent(f -> known.put(pid, f)));
        known.forEach((pid, now) -> pictureChanged |= isAnother(formats.get(pid), now));
        known.values().stream()
                .filter(VideoFormat.class::isInstance)
                .findFirst()
                .ifPresent(
                        now -> {
                            pictureChanged |= isAnother(picture, now);
                            picture = now;
                        });
        formats = Collections.unmodifiableMap(known);
        complete = !probes.isEmpty() && known.size() == probes.size();
    }
}
