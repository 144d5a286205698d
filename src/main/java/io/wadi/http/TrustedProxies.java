package io.wadi.http;

import io.netty.util.NetUtil;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The proxies whose word on a viewer's address counts. Without any (the default) the address is the
 * connection's, whatever X-Forwarded-For says.
 */
public final class TrustedProxies {
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    /** A chain of proxies longer than this is made up. */
    private static final int MAX_HOPS = 16;

    private static final int BITS_PER_BYTE = 8;

    private static final class Network {
        private final byte[] address;
        private final int prefix;

        Network(byte[] address, int prefix) {
            this.address = address;
            this.prefix = prefix;
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            int whole = prefix / BITS_PER_BYTE;
            int rest = prefix % BITS_PER_BYTE;
            if (!Arrays.equals(address, 0, whole, other, 0, whole)) {
                return false;
            }
            int mask = (0xFF << (BITS_PER_BYTE - rest)) & 0xFF;
            return rest == 0 || (address[whole] & mask) == (other[whole] & mask);
        }
    }

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * @param networks addresses and networks: {@code 10.0.0.0/8}, {@code ::1}
     * @throws IllegalArgumentException naming the entry that is neither
     */
    public static TrustedProxies of(List<String> networks) {
        List<Network> parsed = new ArrayList<>();
        for (String network : networks) {
            parsed.add(parse(network.strip()));
        }
        return parsed.isEmpty() ? NONE : new TrustedProxies(parsed);
    }

    private static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = bytesOf(slash < 0 ? text : text.substring(0, slash));
        if (address != null) {
            int bits = address.length * BITS_PER_BYTE;
            String prefix = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
            if (prefix.matches("\\d{1,3}") && Integer.parseInt(prefix) <= bits) {
                return new Network(address, Integer.parseInt(prefix));
            }
        }
        throw new IllegalArgumentException(
                "trusted proxy \""
                        + text
                        + "\", expected an IP address or a network such as 10.0.0.0/8");
    }

    private static byte[] bytesOf(String address) {
        return NetUtil.createByteArrayFromIpAddressString(address);
    }

    private boolean trusts(String address) {
        byte[] bytes = bytesOf(address);
        return bytes != null && networks.stream().anyMatch(network -> network.contains(bytes));
    }

    /**
     * The viewer's address: the nearest one in the chain that is no trusted proxy.
     *
     * @param peer the connection's other end
     * @param forwardedFor the X-Forwarded-For header, null when there is none
     */
    String clientOf(String peer, String forwardedFor) {
        if (networks.isEmpty() || forwardedFor == null || !trusts(peer)) {
            return peer;
        }
        String[] hops = forwardedFor.split(",", -1);
        String client = peer;
        for (int i = hops.length - 1; i >= Math.max(0, hops.length - MAX_HOPS); i--) {
            String hop = hops[i].strip();
            if (bytesOf(hop) == null) {
                return client;
            }
            client = hop;
            if (!trusts(hop)) {
                return client;
            }
        }
        return client;
    }
}
