/** One study as a clinician sees it: images, result, deliveries, and what people say of it. */
@NullMarked
package io.bloodnet.server.study;

import org.jspecify.annotations.NullMarked;
