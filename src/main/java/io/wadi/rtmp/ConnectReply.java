package io.wadi.rtmp;

import io.wadi.amf.AmfValue;
import io.wadi.codec.CodecId;
import io.wadi.flv.FlvCodec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code connect} is answered: who we claim to be, and which parts of Enhanced RTMP are
 * understood. Those are told only to clients that announce theirs: others might stumble.
 */
final class ConnectReply {
    /** Clients look for "FMS/" and a version from 3.5 on before they use newer commands. */
    private static final String FMS_VERSION = "FMS/3,5,7,7009";

    private static final int CAPABILITIES = 31;

    /** FourCcInfoMask: CanForward. We neither show nor make pictures. */
    private static final int CAN_FORWARD = 4;

    /** CapsExMask: Multitrack, ModEx, TimestampNanoOffset; no reconnect request. */
    private static final int CAPS_EX = 0x02 | 0x04 | 0x08;

    private ConnectReply() {}

    static AmfValue properties() {
        Map<String, AmfValue> properties = new LinkedHashMap<>();
        properties.put("fmsVer", AmfValue.of(FMS_VERSION));
        properties.put("capabilities", AmfValue.of(CAPABILITIES));
        properties.put("mode", AmfValue.of(1));
        return new AmfValue.Obj(properties);
    }

    /**
     * @param request the command object of the client's connect
     */
    static AmfValue info(AmfValue request) {
        Map<String, AmfValue> info =
                new LinkedHashMap<>(
                        MessageWriter.info(
                                        "status",
                                        StatusCode.CONNECT_SUCCESS,
                                        "Connection succeeded.")
                                .named());
        info.put(
                "objectEncoding",
                AmfValue.of(
                        request.get("objectEncoding").map(value -> value.number(0)).orElse(0.0)));
        if (isEnhanced(request)) {
            List<AmfValue> all = new ArrayList<>();
            Map<String, AmfValue> video = new LinkedHashMap<>();
            Map<String, AmfValue> audio = new LinkedHashMap<>();
            for (CodecId codec : CodecId.values()) {
                // FLAC has no place in a transport stream, so nobody should send it
                if (codec != CodecId.FLAC) {
                    String fourCc = FlvCodec.of(codec).fourCc();
                    all.add(AmfValue.of(fourCc));
                    (codec.isVideo() ? video : audio).put(fourCc, AmfValue.of(CAN_FORWARD));
                }
            }
            info.put("fourCcList", new AmfValue.Array(all));
            info.put("videoFourCcInfoMap", new AmfValue.Obj(video));
            info.put("audioFourCcInfoMap", new AmfValue.Obj(audio));
            info.put("capsEx", AmfValue.of(CAPS_EX));
        }
        return new AmfValue.Obj(info);
    }

    /** Whether the client announced that it knows Enhanced RTMP. */
    static boolean isEnhanced(AmfValue request) {
        return List.of("fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx").stream()
                .anyMatch(name -> request.get(name).isPresent());
    }
}
