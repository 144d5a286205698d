package io.wadi.ring;

/** Feeds one input of a ring. */
final class RingProducer extends UnitProducer {
    private final RingEndpoint endpoint;
    private RingInput input;

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
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        input.disconnected();
        Rings.of(endpoint.getCamelContext()).release(endpoint.getRingId());
    }

    @Override
    public void onUnit(Unit unit) {
        input.onUnit(unit);
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
