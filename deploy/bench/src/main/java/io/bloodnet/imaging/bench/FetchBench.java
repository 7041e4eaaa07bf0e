package io.bloodnet.imaging.bench;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.dicomweb.FetchProbe;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/** A series of 36 slices fetched and decoded, beside the same bytes fetched as a static file from the same server. */
public final class FetchBench {

    private static final int ROUNDS = 15;
    private static final double GOAL = 0.5;

    private FetchBench() {}

    /** Prints one line with the ratio. Takes a few seconds. */
    public static void run(PrintStream out) throws Exception {
        List<byte[]> files = BenchStudy.files();
        try (BenchArchive archive = new BenchArchive(files);
                DicomWebClient client = new DicomWebClient(
                        DicomWebSettings.of(archive.dicomWeb(), ArchiveAccess.OPEN), DicomLimits.DEFAULT);
                HttpClient plain = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            StudySource.StudyListing listing = listing(client);
            HttpRequest request = HttpRequest.newBuilder(archive.staticFile()).build();
            Rounds.Timed timed = Rounds.compare(
                    ROUNDS,
                    Rounds.Time.CLOCK,
                    () -> drain(plain, request),
                    () -> FetchProbe.fetch(client, listing, DicomLimits.DEFAULT));
            double megabytes = files.stream().mapToLong(f -> f.length).sum() / 1e6;
            out.printf(
                    "fetch: %d slices, %.1f MB: static file %.1f ms, fetched and decoded %.1f ms (%.0f MB/s); static / ours %.2f (goal >= %.1f)%n",
                    files.size(),
                    megabytes,
                    timed.firstMs(),
                    timed.secondMs(),
                    megabytes / timed.secondMs() * 1000,
                    timed.ratio(),
                    GOAL);
        }
    }

    static StudySource.StudyListing listing(DicomWebClient client) {
        StudySource.StudyLookup lookup =
                client.find(new StudyUid(BenchStudy.STUDY), null, new PatientId(BenchStudy.PATIENT, null));
        if (lookup instanceof StudySource.StudyLookup.Found(StudySource.StudyListing listing)) {
            return listing;
        }
        throw new IllegalStateException("the bench's own archive does not know its study");
    }

    private static void drain(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        try (InputStream body =
                client.send(request, BodyHandlers.ofInputStream()).body()) {
            body.transferTo(OutputStream.nullOutputStream());
        }
    }
}
