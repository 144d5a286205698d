package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.Locale;

/**
 * The general part of profile_tier_level() (ITU-T H.265 §7.3.3).
 *
 * @param compatibilityFlags general_profile_compatibility_flag[0] in the most significant of 32
 *     bits
 * @param constraintFlags the 48 bits from general_progressive_source_flag on
 */
public record H265ProfileTierLevel(
        int profileSpace,
        boolean highTier,
        int profileIdc,
        int compatibilityFlags,
        long constraintFlags,
        int levelIdc) {

    static H265ProfileTierLevel read(BitReader in, int maxSubLayersMinus1)
            throws MalformedException {
        int space = in.bits(2);
        boolean highTier = in.flag();
        int profile = in.bits(5);
        int compatibility = (int) in.bitsLong(32);
        long constraints = in.bitsLong(48);
        int level = in.bits(8);
        skipSubLayers(in, maxSubLayersMinus1);
        return new H265ProfileTierLevel(
                space, highTier, profile, compatibility, constraints, level);
    }

    private static void skipSubLayers(BitReader in, int maxSubLayersMinus1)
            throws MalformedException {
        if (maxSubLayersMinus1 == 0) {
            return;
        }
        int present = in.bits(16); // two bits a sub-layer, eight of them, the rest reserved
        for (int i = 0; i < maxSubLayersMinus1; i++) {
            int flags = present >> (14 - 2 * i) & 3;
            in.skip(((flags & 2) != 0 ? 88 : 0) + ((flags & 1) != 0 ? 8 : 0));
        }
    }

    /** The twelve bytes of {@code hvcC} from general_profile_space to general_level_idc. */
    void writeTo(ByteBuf out) {
        out.writeByte(profileSpace << 6 | (highTier ? 0x20 : 0) | profileIdc);
        out.writeInt(compatibilityFlags);
        out.writeShort((int) (constraintFlags >> 32));
        out.writeInt((int) constraintFlags);
        out.writeByte(levelIdc);
    }

    /**
     * The codecs parameter of ISO/IEC 14496-15 Annex E.3: profile space and profile, the
     * compatibility flags in reverse bit order, tier and level, then the constraint bytes without
     * trailing zero bytes.
     */
    public String codecString() {
        StringBuilder text = new StringBuilder("hvc1.");
        if (profileSpace > 0) {
            text.append((char) ('A' + profileSpace - 1));
        }
        text.append(profileIdc).append('.');
        text.append(hex(Integer.reverse(compatibilityFlags)));
        text.append(highTier ? ".H" : ".L").append(levelIdc);
        for (long rest = constraintFlags << 16; rest != 0; rest <<= 8) {
            text.append('.').append(hex((int) (rest >>> 56)));
        }
        return text.toString();
    }

    private static String hex(int value) {
        return Integer.toHexString(value).toUpperCase(Locale.ROOT);
    }
}
