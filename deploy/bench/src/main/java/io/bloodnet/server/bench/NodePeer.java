package io.bloodnet.server.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A Node server that parses the same body and answers one fixed card, checking and recording nothing. */
final class NodePeer implements AutoCloseable {

    private static final String BARE = """
            const card = Buffer.from(process.argv[2], 'base64');
            const server = require('http').createServer((req, res) => {
              const parts = [];
              req.on('data', part => parts.push(part));
              req.on('end', () => {
                JSON.parse(Buffer.concat(parts));
                res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': card.length });
                res.end(card);
              });
            });
            server.keepAliveTimeout = 60000;
            server.listen(0, '127.0.0.1', () => console.log(server.address().port));
            """;
    private static final String EXPRESS = """
            const express = require('express');
            const card = JSON.parse(Buffer.from(process.argv[2], 'base64'));
            const app = express();
            app.use(express.json());
            app.post('*splat', (req, res) => res.json(card));
            const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
            server.keepAliveTimeout = 60000;
            """;

    private final Process process;
    private final Path script;
    private final int port;

    private NodePeer(Process process, Path script, int port) {
        this.process = process;
        this.script = script;
        this.port = port;
    }

    /** Node's own http server; empty when Node is not installed. */
    static Optional<NodePeer> bare(byte[] card) {
        return start(BARE, card);
    }

    /** Express; empty when Node or Express (found by NODE_PATH) is not installed. */
    static Optional<NodePeer> express(byte[] card) {
        return start(EXPRESS, card);
    }

    int port() {
        return port;
    }

    private static Optional<NodePeer> start(String code, byte[] card) {
        try {
            Path script = Files.createTempFile("bloodnet-bench", ".cjs");
            Files.writeString(script, code);
            String base64 = java.util.Base64.getEncoder().encodeToString(card);
            Process process = new ProcessBuilder("node", script.toString(), base64)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (line == null) {
                process.destroy();
                Files.deleteIfExists(script);
                return Optional.empty();
            }
            return Optional.of(new NodePeer(process, script, Integer.parseInt(line.strip())));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            Files.deleteIfExists(script);
        } catch (IOException e) {
            script.toFile().deleteOnExit();
        }
    }
}
