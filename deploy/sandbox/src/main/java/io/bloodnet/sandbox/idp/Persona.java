package io.bloodnet.sandbox.idp;

import java.util.List;

/**
 * An invented person.
 *
 * @param user name to sign in with
 * @param name for people
 * @param roles what they are at the hospital
 */
public record Persona(String user, String name, List<String> roles) {

    /** One a role, and one who is nothing here. */
    public static final List<Persona> ALL = List.of(
            new Persona("rita", "Rita Reader", List.of("clinician")),
            new Persona("carl", "Carl Compliance", List.of("compliance")),
            new Persona("ada", "Ada Admin", List.of("admin")),
            new Persona("vic", "Vic Visitor", List.of()));
}
