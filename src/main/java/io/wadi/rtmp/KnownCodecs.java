package io.wadi.rtmp;

import io.wadi.amf.AmfValue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The codecs beyond those of the legacy tags that a client announced in its connect (Enhanced RTMP
 * v2, "Enhancing NetConnection connect Command").
 *
 * @param fourCcs what it can show or hand on; "*" stands for all
 */
record KnownCodecs(Set<String> fourCcs) {
    private static final String ALL = "*";

    /** FourCcInfoMask: CanDecode or CanForward; CanEncode alone is of no use to a player. */
    private static final int CAN_DECODE_OR_FORWARD = 1 | 4;

    KnownCodecs {
        fourCcs = Set.copyOf(fourCcs);
    }

    static KnownCodecs of(AmfValue request) {
        Set<String> known = new HashSet<>();
        if (request.get("fourCcList").orElse(null) instanceof AmfValue.Array list) {
            for (AmfValue fourCc : list.dense()) {
                fourCc.text().ifPresent(known::add);
            }
        }
        for (String map : List.of("videoFourCcInfoMap", "audioFourCcInfoMap")) {
            Map<String, AmfValue> masks = request.get(map).map(AmfValue::named).orElse(Map.of());
            masks.forEach(
                    (fourCc, mask) -> {
                        if (((int) mask.number(0) & CAN_DECODE_OR_FORWARD) != 0) {
                            known.add(fourCc);
                        }
                    });
        }
        return new KnownCodecs(known);
    }

    boolean has(String fourCc) {
        return fourCcs.contains(fourCc) || fourCcs.contains(ALL);
    }
}
