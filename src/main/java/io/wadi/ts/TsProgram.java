package io.wadi.ts;

import java.util.List;

/**
 * The program map of the first program of a transport stream.
 *
 * @param programNumber program_number of the PAT entry
 * @param pmtPid PID that carries the PMT
 * @param version version_number, 0 to 31
 * @param pcrPid PID that carries the PCR, 0x1FFF when there is none
 * @param tracks in PMT order
 */
public record TsProgram(
        int programNumber, int pmtPid, int version, int pcrPid, List<TsTrack> tracks) {
    public TsProgram {
        tracks = List.copyOf(tracks);
    }
}
