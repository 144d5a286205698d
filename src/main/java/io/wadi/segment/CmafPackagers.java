package io.wadi.segment;

import io.wadi.ring.GracePeriod;
import io.wadi.ring.RenditionId;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packagers of a Camel context by ring, counted by their users. */
final class CmafPackagers {
    private static final Logger LOG = LoggerFactory.getLogger(CmafPackagers.class);

    private record Entry(CmafPackager packager, int users) {}

    private final Map<String, Entry> entries = new HashMap<>();

    /** Those that nobody feeds any more, for a moment: others of their stream go on from them. */
    private final List<CmafPackager> departed = new ArrayList<>();

    private final CamelContext context;

    private CmafPackagers(CamelContext context) {
        this.context = context;
    }

    static CmafPackagers of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            CmafPackagers packagers = extension.getContextPlugin(CmafPackagers.class);
            if (packagers == null) {
                packagers = new CmafPackagers(context);
                extension.addContextPlugin(CmafPackagers.class, packagers);
            }
            return packagers;
        }
    }

    synchronized CmafPackager acquire(String ringId, CmafOptions options) {
        Entry entry = entries.get(ringId);
        CmafPackager packager =
                entry != null
                        ? entry.packager()
                        : new CmafPackager(ringId, options, after(RenditionId.of(ringId)));
        if (!packager.options().equals(options)) {
            LOG.warn(
                    "Ring {} is packaged with {} already: {} has no effect",
                    ringId,
                    packager.options(),
                    options);
        }
        entries.put(ringId, new Entry(packager, entry == null ? 1 : entry.users() + 1));
        return packager;
    }

    private CmafNumbers.Position after(RenditionId id) {
        return departed.stream()
                .filter(p -> RenditionId.of(p.ringId()).code().equals(id.code()))
                .map(CmafPackager::position)
                .reduce(CmafNumbers.Position.ZERO, CmafNumbers.Position::orLater);
    }

    @SuppressWarnings("ReferenceEquality") // this packager, not a later one of the same ring
    synchronized void release(CmafPackager packager) {
        Entry entry = entries.get(packager.ringId());
        if (entry == null || entry.packager() != packager) {
            return;
        }
        if (entry.users() > 1) {
            entries.put(packager.ringId(), new Entry(packager, entry.users() - 1));
            return;
        }
        entries.remove(packager.ringId());
        packager.retire();
        departed.add(packager);
        GracePeriod.after(context, GracePeriod.SUCCESSION, () -> expire(packager));
    }

    private synchronized void expire(CmafPackager packager) {
        departed.remove(packager);
        packager.letGo();
    }
}
