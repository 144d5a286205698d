package io.wadi.segment;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Map;

/** The packagers of a Camel context by ring, counted by their users. */
final class CmafPackagers {
    private static final Logger LOG = LoggerFactory.getLogger(CmafPackagers.class);

    private record Entry(CmafPackager packager, int users) {}

    private final Map<String, Entry> entries = new HashMap<>();

    static CmafPackagers of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            CmafPackagers packagers = extension.getContextPlugin(CmafPackagers.class);
            if (packagers == null) {
                packagers = new CmafPackagers();
                extension.addContextPlugin(CmafPackagers.class, packagers);
            }
            return packagers;
        }
    }

    synchronized CmafPackager acquire(String ringId, CmafOptions options) {
        Entry entry = entries.get(ringId);
        CmafPackager packager =
                entry != null ? entry.packager() : new CmafPackager(ringId, options);
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
        packager.close();
    }
}
