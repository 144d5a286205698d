package io.wadi.ring;

import io.netty.buffer.ByteBuf;

/**
 * Feeds one input of a ring. A ring writes its own time into the units that enter it, so what
 * others hold already is copied first: units of another ring, and those that go to several rings.
 * One thread at a time.
 */
final class RingProducer extends UnitProducer {
    private final RingEndpoint endpoint;
    private RingInput input;
    private UnitWriter copies;

    RingProducer(RingEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        input =
                Rings.of(endpoint.getCamelContext())
                        .acquire(endpoint.getRingId())
                        .input(endpoint.getInput());
        copies = new UnitWriter();
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        input.disconnected();
        copies.close();
        Rings.of(endpoint.getCamelContext()).release(endpoint.getRingId());
    }

    @Override
    public void onUnit(Unit unit) {
        if (!unit.isShared()) {
            unit.flags |= Unit.SHARED;
            input.onUnit(unit);
            return;
        }
        ByteBuf room = copies.begin(unit.length);
        if (room != null) {
            room.writeBytes(unit.slab, unit.offset, unit.length);
            copies.end(unit.pts, unit.dts, unit.arrivalNanos, unit.flags, input);
        }
    }

    @Override
    public void ended(String reason) {
        input.ended(reason);
    }

    @Override
    public void failed(String reason) {
        input.failed(reason);
    }

    @Override
    public String toString() {
        return "ring:" + endpoint.getRingId() + "?input=" + endpoint.getInput();
    }
}
