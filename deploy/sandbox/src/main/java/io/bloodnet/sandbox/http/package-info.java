/** What the pretend PACS and the pretend EHR share: a loopback HTTP server and its small change. */
@NullMarked
package io.bloodnet.sandbox.http;

import org.jspecify.annotations.NullMarked;
