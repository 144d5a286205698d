package io.wadi.fmp4;

import java.nio.charset.StandardCharsets;

/** Four-character codes as the 32-bit integers that they are on the wire. */
public final class FourCc {
    public static final int AV01 = of("av01");
    public static final int AV1C = of("av1C");
    public static final int AC_3 = of("ac-3");
    public static final int AVC1 = of("avc1");
    public static final int AVC3 = of("avc3");
    public static final int AVCC = of("avcC");
    public static final int CMFC = of("cmfc");
    public static final int CO64 = of("co64");
    public static final int CTTS = of("ctts");
    public static final int DAC3 = of("dac3");
    public static final int DASH = of("dash");
    public static final int DEC3 = of("dec3");
    public static final int DFLA = of("dfLa");
    public static final int DINF = of("dinf");
    public static final int DOPS = of("dOps");
    public static final int DREF = of("dref");
    public static final int EC_3 = of("ec-3");
    public static final int EDTS = of("edts");
    public static final int ELST = of("elst");
    public static final int EMSG = of("emsg");
    public static final int ESDS = of("esds");
    public static final int FLAC = of("fLaC");
    public static final int FREE = of("free");
    public static final int FTYP = of("ftyp");
    public static final int HDLR = of("hdlr");
    public static final int HEV1 = of("hev1");
    public static final int HVC1 = of("hvc1");
    public static final int HVCC = of("hvcC");
    public static final int ISO6 = of("iso6");
    public static final int MDAT = of("mdat");
    public static final int MDHD = of("mdhd");
    public static final int MDIA = of("mdia");
    public static final int MFHD = of("mfhd");
    public static final int MINF = of("minf");
    public static final int MOOF = of("moof");
    public static final int MOOV = of("moov");
    public static final int MP3 = of(".mp3");
    public static final int MP4A = of("mp4a");
    public static final int MSDH = of("msdh");
    public static final int MSIX = of("msix");
    public static final int MVEX = of("mvex");
    public static final int MVHD = of("mvhd");
    public static final int OPUS = of("Opus");
    public static final int PASP = of("pasp");
    public static final int PRFT = of("prft");
    public static final int SIDX = of("sidx");
    public static final int SMHD = of("smhd");
    public static final int SOUN = of("soun");
    public static final int STBL = of("stbl");
    public static final int STCO = of("stco");
    public static final int STSC = of("stsc");
    public static final int STSD = of("stsd");
    public static final int STSS = of("stss");
    public static final int STSZ = of("stsz");
    public static final int STTS = of("stts");
    public static final int STYP = of("styp");
    public static final int TFDT = of("tfdt");
    public static final int TFHD = of("tfhd");
    public static final int TKHD = of("tkhd");
    public static final int TRAF = of("traf");
    public static final int TRAK = of("trak");
    public static final int TREX = of("trex");
    public static final int TRUN = of("trun");
    public static final int URL = of("url ");
    public static final int UUID = of("uuid");
    public static final int VIDE = of("vide");
    public static final int VMHD = of("vmhd");
    public static final int VP09 = of("vp09");
    public static final int VPCC = of("vpcC");

    private FourCc() {}

    /** The code of four Latin-1 characters. */
    public static int of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length != Integer.BYTES) {
            throw new IllegalArgumentException("\"" + text + "\" has not four characters");
        }
        int code = 0;
        for (byte b : bytes) {
            code = (code << Byte.SIZE) | (b & 0xFF);
        }
        return code;
    }

    /** As text, what is not printable ASCII as a dot. */
    public static String toString(int code) {
        char[] text = new char[Integer.BYTES];
        for (int i = 0; i < text.length; i++) {
            int c = (code >>> (Byte.SIZE * (text.length - 1 - i))) & 0xFF;
            text[i] = c >= ' ' && c < 0x7F ? (char) c : '.';
        }
        return new String(text);
    }
}
