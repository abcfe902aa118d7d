"""Texts of forms, signs and software between English and French or Spanish: Save is Enregistrer, NO SMOKING PROHIBIDO FUMAR.

A model of everyday sentences makes other words of them, of Delete a name. So a text that is nothing else is said as a list
has it, and so is what stands before a placeholder: Delete %s?
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from nmt.text.spans import Span, is_language
from nmt.translate.rules.romance.pairs import LANGUAGES, is_romance_pair

# English | French | Spanish; of several forms the first is written, and all are read.
_PHRASES = """
    About | À propos | Acerca de
    Accept | Accepter | Aceptar
    Accept all | Tout accepter | Aceptar todo
    Account / My account | Compte / Mon compte | Cuenta / Mi cuenta
    Add | Ajouter | Añadir / Agregar
    Add to cart / Add to basket | Ajouter au panier | Añadir al carrito / Agregar al carrito
    Address | Adresse | Dirección
    Advanced search | Recherche avancée | Búsqueda avanzada
    Age | Âge | Edad
    All rights reserved | Tous droits réservés | Todos los derechos reservados
    Amount | Montant | Importe
    Apply | Appliquer | Aplicar
    Are you sure? | Êtes-vous sûr ? / Êtes-vous sûr(e) ? | ¿Está seguro? / ¿Estás seguro?
    Attachment | Pièce jointe | Archivo adjunto
    Attachments | Pièces jointes | Archivos adjuntos
    Attention / Caution | Attention | Atención
    Author | Auteur | Autor
    Back | Retour | Atrás / Volver
    Best regards / Kind regards / Regards | Cordialement / Bien cordialement | Saludos cordiales / Un cordial saludo
    Breakfast | Petit déjeuner / Petit-déjeuner | Desayuno
    Buy now | Acheter maintenant | Comprar ahora
    Calendar | Calendrier | Calendario
    Cancel | Annuler | Cancelar
    Cart / Basket / Shopping cart | Panier | Carrito / Cesta
    Category | Catégorie | Categoría
    Change password | Changer le mot de passe / Modifier le mot de passe | Cambiar contraseña / Cambiar la contraseña
    Chapter | Chapitre | Capítulo
    City / Town | Ville | Ciudad
    Clear | Effacer | Borrar
    Close | Fermer | Cerrar
    Comment | Commentaire | Comentario
    Comments | Commentaires | Comentarios
    Company | Société / Entreprise | Empresa
    Confirm | Confirmer / Valider | Confirmar
    Confirm password | Confirmer le mot de passe | Confirmar contraseña
    Connection error | Erreur de connexion | Error de conexión
    Connection lost | Connexion perdue | Conexión perdida
    Contact | Contact | Contacto
    Contact us | Contactez-nous / Nous contacter | Contáctenos / Contacto
    Contents / Table of contents | Sommaire / Table des matières | Índice / Contenido
    Continue | Continuer | Continuar
    Cookie settings | Paramètres des cookies | Configuración de cookies
    Copied | Copié | Copiado
    Copy | Copier | Copiar
    Copyright | Copyright | Copyright
    Country | Pays | País
    Create | Créer | Crear
    Create account / Create an account | Créer un compte | Crear cuenta / Crear una cuenta
    Currency | Devise | Moneda
    Customer number | Numéro de client | Número de cliente
    Customer service | Service client | Atención al cliente
    Cut | Couper | Cortar
    Date | Date | Fecha
    Date of birth / Birth date | Date de naissance | Fecha de nacimiento
    Dear customer / Dear customers | Cher client / Chers clients | Estimado cliente / Estimados clientes
    Dear friends | Chers amis | Queridos amigos
    Dear Madam | Madame | Estimada señora
    Dear Sir | Monsieur | Estimado señor
    Dear Sir or Madam / Dear Sir/Madam | Madame, Monsieur | Estimados señores / Muy señores míos
    Delete / Remove | Supprimer | Eliminar / Quitar
    Delete account | Supprimer le compte | Eliminar cuenta
    Delivery | Livraison | Entrega
    Description | Description | Descripción
    Details | Détails | Detalles
    Dinner | Dîner | Cena
    Disable | Désactiver | Desactivar
    Done | Terminé | Listo
    Download | Télécharger | Descargar
    Downloads | Téléchargements | Descargas
    Draft | Brouillon | Borrador
    Drafts | Brouillons | Borradores
    Due date | Date d'échéance | Fecha de vencimiento
    Edit | Modifier / Éditer | Editar / Modificar
    Email / E-mail | E-mail / Courriel | Correo electrónico
    Email address / E-mail address | Adresse e-mail / Adresse électronique | Dirección de correo electrónico
    Enable | Activer | Activar / Habilitar
    Enter your password | Saisissez votre mot de passe / Entrez votre mot de passe | Introduzca su contraseña
    Error | Erreur | Error
    Example | Exemple | Ejemplo
    Exit / Quit | Quitter | Salir
    Export | Exporter | Exportar
    Favorites / Favourites | Favoris | Favoritos
    Fax | Fax | Fax
    File | Fichier | Archivo
    File not found | Fichier introuvable / Fichier non trouvé | Archivo no encontrado
    Files | Fichiers | Archivos
    Filter | Filtrer | Filtrar
    Finish | Terminer | Finalizar
    First name | Prénom | Nombre de pila
    Folder | Dossier | Carpeta
    Forgot your password? / Forgot password? | Mot de passe oublié ? | ¿Olvidó su contraseña? / ¿Olvidaste tu contraseña?
    Forward | Transférer | Reenviar
    From: / Sender: | De : / Expéditeur : | De: / Remitente:
    Full name | Nom complet | Nombre completo
    Gender / Sex | Sexe | Sexo
    Get started | Bien démarrer | Primeros pas
    Go back | Revenir en arrière | Volver atrás
    Hello everyone / Hello everybody / Hello all | Bonjour à tous | Hola a todos
    Help | Aide | Ayuda
    Hide | Masquer | Ocultar
    Home / Homepage / Home page | Accueil | Inicio
    Images | Images | Imágenes
    Import | Importer | Importar
    Important | Important | Importante
    Inbox | Boîte de réception | Bandeja de entrada
    Incorrect password / Wrong password | Mot de passe incorrect | Contraseña incorrecta
    Information | Informations | Información
    Ingredients | Ingrédients | Ingredientes
    Insert | Insérer | Insertar
    Install | Installer | Instalar
    Invalid email address / Invalid email | Adresse e-mail invalide | Correo electrónico no válido
    Invoice | Facture | Factura
    Invoice number | Numéro de facture | Número de factura
    Language | Langue | Idioma
    Languages | Langues | Idiomas
    Last name / Surname / Family name | Nom de famille | Apellido / Apellidos
    Learn more / More information | En savoir plus / Plus d'informations | Más información / Saber más
    Loading | Chargement | Cargando
    Sign out / Log out / Logout | Se déconnecter / Déconnexion | Cerrar sesión
    Sign in / Log in / Login | Se connecter / Connexion / S'identifier | Iniciar sesión / Acceder
    Lunch | Déjeuner | Almuerzo / Comida
    Mailbox | Boîte aux lettres | Buzón
    Menu | Menu | Menú
    Message / Your message | Message / Votre message | Mensaje / Su mensaje
    Messages | Messages | Mensajes
    Mobile phone / Cell phone | Téléphone portable | Teléfono móvil
    Mobile: / Cell: | Portable : | Móvil:
    Name | Nom | Nombre
    Nationality | Nationalité | Nacionalidad
    New | Nouveau | Nuevo
    New message | Nouveau message | Nuevo mensaje / Mensaje nuevo
    Newsletter | Lettre d'information / Newsletter | Boletín
    Next | Suivant | Siguiente
    No internet connection | Pas de connexion Internet | Sin conexión a Internet
    No results / No results found | Aucun résultat / Aucun résultat trouvé | Sin resultados / No se encontraron resultados
    Note / Please note: / Remark: | Remarque | Nota
    Notifications | Notifications | Notificaciones
    Number | Numéro | Número
    OK / Okay | OK | OK / Aceptar
    Open | Ouvrir | Abrir
    Opening hours / Business hours / Hours | Horaires d'ouverture / Horaires / Heures d'ouverture | Horario
    Options | Options | Opciones
    Order | Commande | Pedido
    Order number | Numéro de commande | Número de pedido
    Orders / My orders | Commandes / Mes commandes | Pedidos / Mis pedidos
    Page | Page | Página
    Page not found | Page introuvable / Page non trouvée | Página no encontrada
    Password | Mot de passe | Contraseña
    Paste | Coller | Pegar
    Pause | Pause | Pausa
    Payment | Paiement | Pago
    Payment method | Mode de paiement / Moyen de paiement | Forma de pago / Método de pago
    Phone / Telephone / Tel. | Téléphone / Tél. | Teléfono / Tel.
    Phone number / Telephone number | Numéro de téléphone | Número de teléfono
    Place of birth | Lieu de naissance | Lugar de nacimiento
    Please wait | Veuillez patienter / Patientez | Espere, por favor / Por favor, espere
    Postcode / Zip code / ZIP code / Postal code | Code postal | Código postal
    Preview | Aperçu | Vista previa
    Previous | Précédent | Anterior
    Price | Prix | Precio
    Print | Imprimer | Imprimir
    Privacy | Confidentialité | Privacidad
    Privacy policy | Politique de confidentialité | Política de privacidad
    Profession / Occupation | Profession | Profesión
    Profile / My profile | Profil / Mon profil | Perfil / Mi perfil
    Quantity | Quantité | Cantidad
    Question | Question | Pregunta
    Questions | Questions | Preguntas
    Read more | Lire la suite | Leer más
    Receipt | Reçu | Recibo
    Redo | Rétablir | Rehacer
    Reference | Référence | Referencia
    Refresh / Reload | Actualiser | Actualizar
    Register / Sign up | S'inscrire / Inscription | Registrarse / Regístrese
    Remember me | Se souvenir de moi | Recordarme
    Rename | Renommer | Renombrar / Cambiar nombre
    Reply | Répondre | Responder
    Required / Required field | Obligatoire / Champ obligatoire | Obligatorio / Campo obligatorio
    Reset | Réinitialiser | Restablecer
    Reset password | Réinitialiser le mot de passe | Restablecer contraseña
    Restart | Redémarrer | Reiniciar
    Retry / Try again | Réessayer | Reintentar / Volver a intentar
    Room | Chambre | Habitación
    Save | Enregistrer / Sauvegarder | Guardar
    Save as | Enregistrer sous | Guardar como
    Save changes | Enregistrer les modifications | Guardar cambios / Guardar los cambios
    Search | Rechercher / Recherche | Buscar / Búsqueda
    Security | Sécurité | Seguridad
    See all / View all / Show all | Tout afficher / Voir tout / Tout voir | Ver todo / Mostrar todo
    Select | Sélectionner | Seleccionar
    Select a file / Choose a file | Choisir un fichier / Sélectionner un fichier | Seleccionar archivo
    Select all | Tout sélectionner | Seleccionar todo
    Send | Envoyer | Enviar
    Session expired | Session expirée | Sesión caducada
    Settings / Preferences | Paramètres / Réglages / Préférences | Configuración / Ajustes / Preferencias
    Share | Partager | Compartir
    Shipping | Expédition | Envío
    Show | Afficher | Mostrar
    Show more / See more / Load more | Afficher plus / Voir plus | Mostrar más / Ver más
    Show password | Afficher le mot de passe | Mostrar contraseña
    Sign | Signer | Firmar
    Signature | Signature | Firma
    Sincerely / Yours sincerely / Yours faithfully | Sincères salutations | Atentamente
    Size | Taille | Tamaño / Talla
    Skip | Ignorer | Omitir / Saltar
    Sort by | Trier par | Ordenar por
    Source | Source | Fuente
    Start | Démarrer / Commencer | Iniciar / Empezar / Comenzar
    Status | Statut / État | Estado
    Stop | Arrêter | Detener
    Street | Rue | Calle
    Subject | Objet / Sujet | Asunto
    Submit | Envoyer / Soumettre | Enviar
    Subscribe | S'abonner | Suscribirse
    Subtotal | Sous-total | Subtotal
    Success | Succès | Éxito
    Summary | Résumé / Sommaire | Resumen
    Tax / Taxes | Taxes | Impuestos
    Terms and conditions / Terms & Conditions | Conditions générales | Términos y condiciones
    Terms of service / Terms of use | Conditions d'utilisation | Condiciones de uso / Condiciones del servicio
    Thank you for your order | Merci pour votre commande | Gracias por su pedido / Gracias por tu pedido
    Time | Heure | Hora
    Tip: / Hint: | Astuce : / Conseil : | Consejo: / Sugerencia:
    Title | Titre | Título
    To: / Recipient: | À : / Destinataire : | Para: / Destinatario:
    Total | Total | Total
    Trash / Recycle bin | Corbeille | Papelera
    Undo | Annuler l'action | Deshacer
    Unsubscribe | Se désabonner / Se désinscrire | Darse de baja / Cancelar suscripción
    Update | Mettre à jour | Actualizar
    Updates | Mises à jour | Actualizaciones
    Upload | Téléverser / Mettre en ligne | Subir / Cargar
    User | Utilisateur | Usuario
    Username / User name | Nom d'utilisateur / Identifiant | Nombre de usuario
    Users | Utilisateurs | Usuarios
    Version | Version | Versión
    View | Afficher | Ver
    Warning | Avertissement | Advertencia
    Website | Site web / Site internet | Sitio web
    Weight | Poids | Peso
    Yes | Oui | Sí
    Your session has expired | Votre session a expiré | Su sesión ha caducado
"""
# On signs: those of several words, and in capitals others, too, some of which are other words in software.
_SIGNS = """
    Cash only | Espèces uniquement | Solo efectivo
    Closed | Fermé | Cerrado / Cerrada
    Closed on sundays | Fermé le dimanche | Cerrado los domingos
    Customers only | Réservé à la clientèle | Solo clientes
    Danger | Danger | Peligro
    Do not disturb | Ne pas déranger | No molestar
    Do not enter | Défense d'entrer / Sens interdit | Prohibido entrar / Prohibida la entrada
    Do not touch | Ne pas toucher | No tocar
    Drinking water | Eau potable | Agua potable
    Elevator / Lift | Ascenseur | Ascensor
    Emergency exit | Sortie de secours / Issue de secours | Salida de emergencia
    Entrance | Entrée | Entrada
    Exit / Way out | Sortie | Salida
    Fire exit | Issue de secours | Salida de incendios
    First aid | Premiers secours | Primeros auxilios
    For rent / To let | À louer | Se alquila / En alquiler
    For sale | À vendre | Se vende / En venta
    Free | Gratuit | Gratis
    Free admission / Free entry | Entrée libre / Entrée gratuite | Entrada libre / Entrada gratuita
    Full | Complet | Completo
    Information | Informations / Renseignements | Información
    Keep out / No entry / No trespassing | Défense d'entrer / Accès interdit / Entrée interdite | Prohibido el paso
    Keep right | Serrez à droite | Mantenga su derecha
    Ladies / Women | Dames / Femmes | Señoras / Mujeres / Damas
    Made in France | Fabriqué en France | Hecho en Francia
    Made in Spain | Fabriqué en Espagne | Hecho en España
    Men / Gentlemen | Messieurs / Hommes | Caballeros / Hombres
    No dogs / No dogs allowed | Interdit aux chiens / Chiens interdits | Prohibido perros / No se admiten perros
    No parking | Défense de stationner / Stationnement interdit | Prohibido aparcar / Prohibido estacionar
    No photos / No photography | Photos interdites | Prohibido hacer fotos
    No smoking | Défense de fumer / Interdiction de fumer / Interdit de fumer | Prohibido fumar / No fumar
    No swimming | Baignade interdite | Prohibido bañarse
    No vacancies | Complet | Completo
    Occupied | Occupé | Ocupado
    One way | Sens unique | Sentido único
    Open | Ouvert | Abierto / Abierta
    Out of order / Out of service | Hors service / En panne | Fuera de servicio / No funciona / Averiado
    Parking | Parking | Aparcamiento / Estacionamiento
    Please do not disturb | Prière de ne pas déranger | Por favor, no molestar
    Please knock | Frappez avant d'entrer | Llame antes de entrar
    Private | Privé | Privado
    Private property | Propriété privée | Propiedad privada
    Pull | Tirez / Tirer | Tire / Tirar / Jale
    Push | Poussez / Pousser | Empuje / Empujar
    Quiet / Silence | Silence | Silencio
    Reception | Accueil / Réception | Recepción
    Reserved | Réservé | Reservado
    Restrooms / Toilets / Restroom / Toilet | Toilettes | Servicios / Aseos / Baños
    Sale / Sales | Soldes | Rebajas
    Slow | Ralentir | Despacio
    Sold out | Épuisé | Agotado
    Staff only / Employees only | Réservé au personnel | Solo personal autorizado / Solo personal
    Stop | Stop / Arrêt | Alto / Pare / Stop
    Summer sale | Soldes d'été | Rebajas de verano
    Tickets | Billets / Billetterie | Entradas / Billetes / Taquilla
    Waiting room | Salle d'attente | Sala de espera
    Wet floor | Sol mouillé / Sol glissant | Piso mojado / Suelo mojado
    Wet paint | Peinture fraîche | Recién pintado / Pintura fresca
"""
GREETINGS = """
    Hello | Bonjour | Hola
    Hi / Hey | Salut | Hola
    Good morning | Bonjour | Buenos días
    Good afternoon | Bonjour | Buenas tardes
    Good evening | Bonsoir | Buenas noches
    Goodbye / Bye | Au revoir | Adiós
    Welcome | Bienvenue | Bienvenido / Bienvenida
    Welcome back | Bon retour | Bienvenido de nuevo
    Thank you / Thanks | Merci | Gracias
"""
# What everybody says, and which a sentence may be, too.
_EVERYDAY = """
    Excuse me | Excusez-moi | Disculpe / Perdone
    Good night | Bonne nuit | Buenas noches
    Hello, everybody | Bonjour à tous | Hola a todos
    Help | À l'aide / Au secours | Socorro / Auxilio
    No | Non | No
    Of course | Bien sûr | Por supuesto / Claro
    OK | D'accord / OK | De acuerdo / OK / Vale
    Please | S'il vous plaît / S'il te plaît | Por favor
    Sorry / I'm sorry | Désolé / Désolée / Pardon | Lo siento / Perdón
    Thank you very much / Thanks a lot | Merci beaucoup | Muchas gracias
    Yes | Oui | Sí
    You're welcome | De rien / Je vous en prie | De nada
"""
# With a placeholder or a number in the place of {}.
_FRAMES = """
    {} of {} | {} sur {} | {} de {}
    {} days ago | Il y a {} jours | Hace {} días
    {} hours ago | Il y a {} heures | Hace {} horas
    {} minutes ago | Il y a {} minutes | Hace {} minutos
    {} new messages | {} nouveaux messages | {} mensajes nuevos
    Last updated {} | Dernière mise à jour {} | Última actualización {}
    Page {} of {} | Page {} sur {} | Página {} de {}
    Step {} of {} | Étape {} sur {} | Paso {} de {}
"""
_SPOKEN = GREETINGS + _EVERYDAY.lstrip("\n")
ENDS = " ,.:!…\u00a0\u202f"
PLACEHOLDER = r"\{\{? ?\w[\w.]* ?\}?\}|%(?:\d\$)?[ds@]|%\(\w+\)[ds]|%\d+|\$\{\w+\}|<\d+/?>"
_PLACE = re.compile(rf"{PLACEHOLDER}|[\"“«»”][^\"“«»”]*[\"“«»”]|\d+")
"""What a phrase may be said of, whatever it is."""
_MAY_HAVE_PLACE = re.compile('[{%$<"“«”\\d]')
_SLOT = re.compile(rf"{PLACEHOLDER}|(?<![\w.,])\d+(?![\w.,])")
_TABLES = (_PHRASES, _SIGNS, _SPOKEN)
_LONGEST = 45  # characters of a phrase with its mark
_BLANK = {"fr": "\u00a0"}
"""Before a mark of two parts."""


def phrases(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The phrase that is all of `sentence`, or all but a placeholder or a number, as `target` has it."""
    if not is_romance_pair(source, target):
        return
    if (said := phrase_said(sentence, source, target)) is not None:
        yield Span(0, len(sentence), translation=said)
        return
    if _MAY_HAVE_PLACE.search(sentence) is None:  # as most sentences do not
        return
    if (said := _framed(sentence, source, target)) is not None:
        yield Span(0, len(sentence), translation=said)
        return
    found = _PLACE.search(sentence)
    own = sentence[: found.start()].strip(" ¿") if found else ""
    if not own or own.endswith(":") or is_language(_PLACE.sub("", sentence[len(own) + sentence.startswith("¿") :])):
        return
    if (said := phrase_said(own, source, target)) is not None:
        start = sentence.index(own)
        yield Span(start, start + len(own), translation=said)


def _framed(text: str, source: str, target: str) -> str | None:
    """A phrase with placeholders or numbers in `target`; None for what is none."""
    if len(text) > _LONGEST or not _SLOT.search(text):
        return None
    said = table_of(_FRAMES, source, target).get(_key(_SLOT.sub("{}", text)))
    return said.format(*(match[0] for match in _SLOT.finditer(text))) if said else None


def with_colon(name: str, language: str) -> str:
    """A label of a language with its colon."""
    return f"{name}{_BLANK.get(language, '')}:"


def phrase_said(text: str, source: str, target: str) -> str | None:
    """A phrase with the mark at its end in `target`; None for what is none."""
    if len(text) > _LONGEST:
        return None
    bare = text.rstrip(ENDS)
    mark = text[len(bare) :].strip(" \u00a0\u202f")
    key = _key(bare.lstrip("¡"))
    if key not in _keys(source, target):  # as most sentences are not
        return None
    own, signs, spoken = (table_of(lines, source, target) for lines in _TABLES)
    if (said := spoken.get(key)) and mark in (".", "!", "", "…", "..."):
        said = said if mark in (".", "!") else own.get(key, said)
        return _with_mark(said.upper() if len(bare) > 1 and bare.isupper() else said, mark, target)
    is_upper = bare == bare.upper() and len(bare) > 1
    is_sign = mark in ("", ".", "!") and (is_upper or " " in key)
    said = (signs.get(key) if is_sign else None) or own.get(key + ":" * (mark == ":"))
    if said is None and mark in ("", ",", ":", "…", "..."):
        said = own.get(key)
    if said is None or (mark in (".", "!") and not is_sign and not (mark == "." and " " in key)):
        return None
    said = said.upper() if is_upper else said[0].lower() + said[1:] if bare[0].islower() else said
    return _with_mark(said, mark, target)


def _with_mark(said: str, mark: str, target: str) -> str:
    if mark == "!":
        return f"¡{said}!" if target == "es" else f"{said}{_BLANK.get(target, '')}!"
    return with_colon(said, target) if mark == ":" else said + mark


def _key(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'").lower()


@cache
def _keys(source: str, target: str) -> frozenset[str]:
    """Those of all phrases, without a colon."""
    return frozenset(key.removesuffix(":") for lines in _TABLES for key in table_of(lines, source, target))


@cache
def table_of(lines: str, source: str, target: str) -> dict[str, str]:
    """The phrases of a language, without the mark at their end, each in another; of one in several lines, the first."""
    found: dict[str, str] = {}
    for line in lines.strip().splitlines():
        forms = dict(zip(LANGUAGES, ([form.strip() for form in own.split(" / ")] for own in line.split("|")), strict=True))
        for form in forms[source]:
            key = _key(form)
            name = key.rstrip(ENDS)
            said = forms[target][0].rstrip(ENDS).replace(" ?", "\u00a0?")
            found.setdefault(f"{name}:" if key.endswith(":") else name, said)
    return found
