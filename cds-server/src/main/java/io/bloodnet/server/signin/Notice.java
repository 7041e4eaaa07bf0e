package io.bloodnet.server.signin;

import io.bloodnet.server.http.Pages;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;

/** A page with one sentence for a person, and perhaps one way on. */
final class Notice {

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>BloodNet CDS: %1$s</title>
              <link rel="icon" href="data:,">
              <link rel="stylesheet" href="/app.css">
            </head>
            <body>
              <header><h1>BloodNet CDS</h1></header>
              <main><h2>%1$s</h2><p>%2$s</p>%3$s</main>
            </body>
            </html>
            """;

    private Notice() {}

    /** With a link to sign in. */
    static void signIn(ServerResponse response, Status status, String title, String sentence) {
        send(response, status, title, sentence, "<p><a href=\"/signin\">Sign in</a></p>");
    }

    /** Without a way on. */
    static void plain(ServerResponse response, Status status, String title, String sentence) {
        send(response, status, title, sentence, "");
    }

    private static void send(ServerResponse response, Status status, String title, String sentence, String way) {
        Pages.html(response, status, PAGE.formatted(escaped(title), escaped(sentence), way));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
