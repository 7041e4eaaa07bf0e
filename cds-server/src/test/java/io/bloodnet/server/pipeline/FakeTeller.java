package io.bloodnet.server.pipeline;

import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.OrdersUnderWay;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Writes down what the EHR is told of orders under way. */
public final class FakeTeller implements OrdersUnderWay.Teller {

    /** States told, in order. */
    public final List<JobState> told = new ArrayList<>();

    /** States of the orders told as called off too late, in order. */
    public final List<JobState> calledOff = new ArrayList<>();

    private final Predicate<Job> hears;

    /** @param hears asked at each word: false to be told again, or throws; nothing is written down when it throws */
    public FakeTeller(Predicate<Job> hears) {
        this.hears = hears;
    }

    @Override
    public boolean tell(Job job) {
        boolean heard = hears.test(job);
        told.add(job.state());
        return heard;
    }

    @Override
    public boolean tellCalledOff(Job job) {
        boolean heard = hears.test(job);
        calledOff.add(job.state());
        return heard;
    }
}
